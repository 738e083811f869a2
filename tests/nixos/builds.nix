# SPDX-License-Identifier: MIT
# Units, made by nix with the generator that was built: those of good.nix, and configurations that only the generator can refuse.
{ generator }:
let
  pkgs = import ./stand-in/pkgs.nix { };
  package = pkgs.runCommand "igotchuu" { } ''
    mkdir -p $out/lib/systemd/system-generators
    cp ${generator} $out/lib/systemd/system-generators/igotchuu-generator
  '';
  units = configuration: builtins.elemAt (import ./stand-in/nixos.nix {
    configuration.imports = [ configuration { services.igotchuu = { enable = true; inherit package; }; } ];
  }).config.systemd.packages 1;
  refused = {
    an-unknown-key = {
      jobs.home.settings = { sources = [ "/home" ]; exlude = [ "/home/*/.cache" ]; };
      says = ''unknown key "exlude"; did you mean "exclude"?'';
    };
    two-jobs-with-one-unit = {
      jobs."TV Shows".settings.sources = [ "/srv/a" ];
      jobs."TV\\x20Shows".settings.sources = [ "/srv/b" ];
      says = "is also that of /etc/igotchuu/jobs/TV";
    };
    a-key-that-is-the-template-s = {
      jobs.home = { settings.sources = [ "/home" ]; serviceConfig.ExecStart = "/bin/true"; };
      says = "service.ExecStart cannot be set";
    };
    a-name-that-no-unit-can-have = {
      jobs."a\nb".settings.sources = [ "/home" ];
      says = "/etc/igotchuu/jobs/a";
    };
    a-repository-without-a-password = {
      jobs.home.settings.sources = [ "/home" ];
      repositories.default.settings.location = "/srv/restic";
      says = "/etc/igotchuu/repositories/default.toml";
    };
    a-wrong-table-of-notifications = {
      notify.mail.too = [ "root" ];
      says = "/etc/igotchuu/notify.toml";
    };
  };
in
{
  examples = map (name: units { imports = [ (../../nixos-module/examples + "/${name}") ./stand-in/others.nix ]; }) (
    builtins.attrNames (removeAttrs (builtins.readDir ../../nixos-module/examples) [ "default.nix" ])
  );
  everything = units (import ./good.nix).everything.configuration;
  names = builtins.attrNames refused;
  refused = builtins.mapAttrs (_: case: {
    inherit (case) says;
    units = units { services.igotchuu = removeAttrs case [ "says" ]; };
  }) refused;
}
