# SPDX-License-Identifier: MIT
# good.nix, refused.nix and the examples, evaluated with the stand-in.
let
  system = configuration: import ./stand-in/nixos.nix { inherit configuration; };
  good = import ./good.nix;
  examples = builtins.removeAttrs (builtins.mapAttrs (name: _: ../../nixos-module/examples + "/${name}") (builtins.readDir ../../nixos-module/examples)) [ "default.nix" ];
  refused = import ./refused.nix;
in
{
  names = builtins.attrNames refused;
  refused = builtins.mapAttrs (
    _: case:
    let
      made = system (case.configuration or { services.igotchuu = { enable = true; } // case.igotchuu; });
    in
    {
      inherit (case) says;
      said = builtins.concatStringsSep "\n" made.failed;
      inherit (made) files; # whoever is not refused by an assertion is when the files are made
    }
  ) refused;
  good = {
    wanted = builtins.mapAttrs (_: case: { inherit (case) files; failed = [ ]; }) good;
    made = builtins.mapAttrs (_: case: { inherit (system case.configuration) files failed; }) good;
  };
  # A user's own options beside ours: the stand-in knows none of NixOS's.
  examples = builtins.mapAttrs (_: path: { inherit (system { imports = [ path ./stand-in/others.nix ]; }) failed files; }) examples;
}
