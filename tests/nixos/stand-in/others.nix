# SPDX-License-Identifier: MIT
# Options of NixOS's that the examples set or ask.
{ lib, ... }:
let
  any = default: lib.mkOption { type = lib.types.raw; inherit default; };
in
{
  options = {
    boot = any { };
    fileSystems = lib.mkOption { type = lib.types.attrsOf lib.types.raw; default = { }; };
    system = any { };
    services.postgresql = {
      enable = any false;
      dataDir = any "/var/lib/postgresql/17";
      package = any "/nix/store/00000000000000000000000000000000-postgresql";
    };
  };
}
