# SPDX-License-Identifier: MIT
{
  description = "Consistent backups of a running system with restic, from snapshots of btrfs, ZFS and LVM";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      eachSystem =
        outputs:
        nixpkgs.lib.genAttrs [
          "x86_64-linux"
          "aarch64-linux"
        ] (system: outputs nixpkgs.legacyPackages.${system});
    in
    {
      packages = eachSystem (pkgs: rec {
        igotchuu = pkgs.callPackage ./nixos-module/package.nix { };
        default = igotchuu;
      });

      overlays.default = final: _: {
        igotchuu = final.callPackage ./nixos-module/package.nix { };
      };

      nixosModules = rec {
        igotchuu = ./nixos-module/module.nix;
        default = igotchuu;
      };

      checks = eachSystem (pkgs: {
        package = self.packages.${pkgs.stdenv.hostPlatform.system}.default;
        module = pkgs.callPackage ./nixos-module/examples { inherit nixpkgs; };
        backup = pkgs.testers.runNixOSTest ./nixos-module/test.nix;
      });

      devShells = eachSystem (pkgs: {
        default = pkgs.mkShell {
          inputsFrom = [ self.packages.${pkgs.stdenv.hostPlatform.system}.default ];
        };
      });

      formatter = eachSystem (pkgs: pkgs.nixfmt);
    };
}
