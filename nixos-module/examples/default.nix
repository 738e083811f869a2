# SPDX-License-Identifier: MIT
# All examples as systems, evaluated and not built.
{
  lib,
  nixpkgs,
  stdenv,
  writeText,
}:
let
  system =
    example:
    nixpkgs.lib.nixosSystem {
      inherit (stdenv.hostPlatform) system;
      modules = [
        ../module.nix
        example
        {
          boot.loader.grub.enable = false;
          fileSystems."/" = {
            device = "none";
            fsType = "tmpfs";
          };
          system.stateVersion = lib.trivial.release;
        }
      ];
    };
  derivation = example: builtins.unsafeDiscardStringContext (system example).config.system.build.toplevel.drvPath;
in
writeText "igotchuu-examples" (
  lib.concatMapStringsSep "\n" derivation [
    ./impermanence.nix
    ./laptop.nix
    ./restic-migrant.nix
    ./zfs-server.nix
  ]
)
