# SPDX-License-Identifier: MIT
# The outputs of flake.nix, called with the stand-in in the place of nixpkgs: that the names are there, and that arguments fit.
let
  lib = import ./stand-in/lib.nix;
  pkgs = import ./stand-in/pkgs.nix { };
  nixosSystem =
    { system, modules }:
    {
      config.system.build.toplevel = (import ./stand-in/nixos.nix { igotchuu = { }; configuration.imports = modules ++ [ ./stand-in/others.nix ]; }).etc;
    };
  outputs = (import ../../flake.nix).outputs {
    self = outputs;
    nixpkgs = { lib = lib // { inherit nixosSystem; }; legacyPackages.x86_64-linux = pkgs; legacyPackages.aarch64-linux = pkgs; };
  };
  ours = outputs.packages.x86_64-linux;
  module = import ./stand-in/nixos.nix { igotchuu = outputs.nixosModules.default; configuration.services.igotchuu.enable = true; };
  # The two lines of the first igotchuu's README.
  readme = import ./stand-in/nixos.nix { configuration = { environment.systemPackages = [ ours.default ]; services.dbus.packages = [ ours.default ]; }; };
in
assert ours.default.drvPath == ours.igotchuu.drvPath;
assert (outputs.overlays.default pkgs { }).igotchuu.drvPath == ours.default.drvPath;
assert outputs.nixosModules.default == outputs.nixosModules.igotchuu;
assert module.failed == [ ];
assert module.config.services.igotchuu.package.drvPath == ours.default.drvPath;
{
  version = ours.default.version;
  drvs = map (derivation: derivation.drvPath) [
    outputs.checks.x86_64-linux.package
    outputs.checks.x86_64-linux.module
    outputs.devShells.x86_64-linux.default
    outputs.formatter.x86_64-linux
    ours.default
    readme.etc
    readme.profile
  ];
  test = outputs.checks.x86_64-linux.backup.name;
  systems = builtins.attrNames outputs.packages;
}
