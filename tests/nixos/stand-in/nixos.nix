# SPDX-License-Identifier: MIT
# A stand-in for NixOS: the options that nixos-module/module.nix sets, and of what NixOS builds of them /etc, laid out as NixOS lays it out, and a profile, which
# is /run/current-system/sw there. nixos/lib/systemd-lib.nix is where it says what becomes of a package's units.
{
  configuration,
  igotchuu ? ../../../nixos-module/module.nix,
  lib ? import ./lib.nix,
  pkgs ? import ./pkgs.nix { inherit lib; },
  evalModules ? modules: lib.evalModules { inherit modules; arguments = { inherit pkgs; }; },
}:
let
  inherit (lib) mkOption types;
  list = mkOption { type = types.listOf types.raw; default = [ ]; };
  sets = options: mkOption { type = types.attrsOf (types.submodule { inherit options; }); default = { }; };
  values = mkOption { type = types.attrsOf types.raw; default = { }; };
  flag = default: mkOption { type = types.bool; inherit default; };
  text = default: mkOption { type = types.str; inherit default; };
  unit = {
    enable = flag true;
    overrideStrategy = text "asDropinIfExists";
    wantedBy = list;
    serviceConfig = values;
  };

  options = {
    assertions = list;
    environment.systemPackages = list;
    environment.etc = sets { source = mkOption { type = types.raw; }; };
    services.dbus.packages = list;
    services.udev.packages = list;
    systemd.packages = list;
    systemd.tmpfiles.packages = list;
    systemd.services = sets unit;
    systemd.paths = sets unit;
    users.groups = sets { };
    users.users = sets { isSystemUser = flag false; group = text ""; description = text ""; };
  };
  config = evalModules [ { inherit options; } igotchuu configuration ];

  # Each unit of NixOS's own making: its name and text, and who wants it. Every service gets a PATH, as NixOS gives it; here it leads nowhere.
  made = lib.mapAttrsToList (name: service: {
    name = "${name}.service";
    inherit (service) wantedBy overrideStrategy;
    text = "[Service]\nEnvironment=\"PATH=/no-such-path\"\n" + lib.concatStringsSep "" (lib.mapAttrsToList (key: value: "${key}=${toString value}\n") service.serviceConfig);
  }) config.systemd.services ++ lib.mapAttrsToList (name: path: { name = "${name}.path"; inherit (path) wantedBy overrideStrategy; text = "[Path]\n"; }) config.systemd.paths;

  units = pkgs.runCommand "system-units" { } (''
    mkdir $out
    for package in ${toString config.systemd.packages}; do
      for unit in $package/lib/systemd/system/*; do
        if [[ $unit == *.wants ]]; then continue; fi
        if [ -d "$unit" ]; then
          mkdir -p "$out/''${unit##*/}"
          ln -s "$unit"/* "$out/''${unit##*/}"
        else
          ln -s "$unit" $out
        fi
      done
    done
  '' + lib.concatStringsSep "" (map (unit: ''
    unit='${unit.name}'
    if [ ${unit.overrideStrategy} = asDropin ] || [ -e "$out/$unit" ]; then unit="$unit.d/overrides.conf"; mkdir -p "$out/''${unit%/*}"; fi
    printf '%b' ${builtins.toJSON unit.text} >"$out/$unit"
    for target in ${toString unit.wantedBy}; do mkdir -p $out/$target.wants; ln -s ../'${unit.name}' $out/$target.wants; done
  '') made));
in
{
  inherit config units;
  failed = map (one: one.message) (lib.filter (one: !one.assertion) config.assertions);
  # Every file below /etc/igotchuu, by name: what is in it.
  files = lib.mapAttrs (_: one: one.source.values) config.environment.etc;

  etc = pkgs.runCommand "etc" { } (''
    mkdir -p $out/systemd $out/dbus-1 $out/tmpfiles.d $out/udev/rules.d
    ln -s ${units} $out/systemd/system
    for package in ${toString config.systemd.packages}; do
      for generator in $package/lib/systemd/system-generators/*; do
        if [ -e "$generator" ]; then mkdir -p $out/systemd/system-generators; ln -s "$generator" $out/systemd/system-generators; fi
      done
    done
    for package in ${toString config.services.dbus.packages}; do ln -s $package/share/dbus-1/system.d $package/share/dbus-1/system-services $out/dbus-1; done
    for package in ${toString config.systemd.tmpfiles.packages}; do ln -s $package/lib/tmpfiles.d/* $out/tmpfiles.d; done
    for package in ${toString config.services.udev.packages}; do ln -s $package/lib/udev/rules.d/* $out/udev/rules.d; done
  '' + lib.concatStringsSep "" (lib.mapAttrsToList (name: one: ''
    file='${name}'
    mkdir -p "$out/''${file%/*}"
    ln -s ${one.source} "$out/$file"
  '') config.environment.etc));
  profile = pkgs.runCommand "profile" { } ''
    mkdir $out
    for package in ${toString config.environment.systemPackages}; do cp -rs $package/. $out; done
  '';
}
