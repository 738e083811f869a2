# SPDX-License-Identifier: MIT
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.services.igotchuu;
  toml = pkgs.formats.toml { };
  settings = import ./settings.nix { inherit lib toml; };
  schedule = import ./schedule.nix { inherit lib; };

  jobs = lib.filterAttrs (_: job: job.enable) cfg.jobs;

  # By the name below /etc/igotchuu.
  files =
    let
      generate = values: toml.generate "igotchuu.toml" (settings.written values);
      file =
        name: values:
        lib.optionalAttrs (settings.written values != { }) { ${name} = generate values; };
      each =
        directory:
        lib.mapAttrs' (name: one: lib.nameValuePair "${directory}/${name}.toml" (generate one.settings));
    in
    file "defaults.toml" cfg.defaults
    // file "notify.toml" cfg.notify
    // each "jobs" jobs
    // each "repositories" cfg.repositories;

  units = pkgs.callPackage ./units.nix {
    inherit files;
    inherit (cfg) package;
  };

  job =
    { config, ... }:
    {
      options = {
        enable = lib.mkEnableOption "this job" // {
          default = true;
        };
        settings = mkOption {
          type = settings.job;
          description = ''
            The job file, {file}`/etc/igotchuu/jobs/NAME.toml`: {manpage}`igotchuu.job(5)`.
            What is null is not written.
          '';
          example = {
            sources = [ "/home" ];
            exclude = [ "/home/*/.cache" ];
            keep.daily = 7;
          };
        };
        timerConfig = mkOption {
          type = types.nullOr settings.unitSection;
          default = { };
          defaultText = lib.literalMD "daily, or when `settings.timer` or `services.igotchuu.defaults.timer` say";
          description = ''
            When the job runs: {manpage}`systemd.timer(5)`. It is the table `timer` of its settings; a key that stands there, too, counts.
            With null, and nothing there, it has no timer.
          '';
          example = {
            OnCalendar = "hourly";
            RandomizedDelaySec = "10min";
          };
        };
        serviceConfig = mkOption {
          type = settings.unitSection;
          default = { };
          description = ''
            For the section `[Service]` of the job's unit: {manpage}`systemd.exec(5)`. It is the table `service` of its settings.
          '';
          example = {
            MemoryHigh = "1G";
          };
        };
      };
      config.settings = {
        timer = schedule.timerOf cfg.defaults.timer config.timerConfig;
        service = lib.mkIf (config.serviceConfig != { }) config.serviceConfig;
      };
    };
in
{
  imports = [
    (lib.mkRemovedOptionModule [ "services" "igotchuu" "settings" ] ''
      There are several jobs now: services.igotchuu.jobs.NAME.settings. What was `places` is its `sources`, `restic_backup_args` is `restic-args`,
      `exec_before_snapshot` is `exec-before-snapshot`; `repo` and `password_file` are `location` and `password-file` of
      services.igotchuu.repositories.default.settings. The rest has no counterpart, since snapshots need no place of their own any more.
    '')
    (lib.mkRemovedOptionModule [ "services" "igotchuu" "timerConfig" ] ''
      There are several jobs now, each with its own: services.igotchuu.jobs.NAME.timerConfig.
    '')
    ./assertions.nix
  ];

  options.services.igotchuu = {
    enable = lib.mkEnableOption "igotchuu, consistent backups with restic from snapshots";

    package = mkOption {
      type = types.package;
      default = pkgs.callPackage ./package.nix { };
      defaultText = lib.literalExpression "pkgs.callPackage ./package.nix { }";
      description = "The igotchuu to use.";
    };

    jobs = mkOption {
      type = types.attrsOf (types.submodule job);
      default = { };
      description = ''
        What to back up. The job NAME is the unit {file}`igotchuu@NAME.service`; `systemd-escape NAME` writes it as the unit's name has it.
      '';
    };

    repositories = mkOption {
      type = types.attrsOf (
        types.submodule {
          options.settings = mkOption {
            type = settings.repository;
            description = ''
              The repository's file, {file}`/etc/igotchuu/repositories/NAME.toml`: {manpage}`igotchuu.repository(5)`.
              Its table `maintenance` says when it is pruned and checked.
            '';
          };
        }
      );
      default = { };
      description = "Where to back up to. A job that names none goes to the repository `default`; without a definition that is one on this machine.";
      example = {
        default.settings = {
          location = "sftp:backup@nas.example.org:/srv/restic/laptop";
          password-credential = "nas";
          maintenance.OnCalendar = "weekly";
        };
      };
    };

    defaults = mkOption {
      type = settings.defaults;
      default = { };
      description = "What every job has that does not say otherwise: {file}`/etc/igotchuu/defaults.toml`.";
    };

    notify = mkOption {
      type = settings.notify;
      default = { };
      description = "Who is told of failures: {file}`/etc/igotchuu/notify.toml`, {manpage}`igotchuu.notify(5)`.";
      example = {
        mail.to = [ "root" ];
      };
    };
  };

  config = lib.mkIf cfg.enable {
    # The manual, and what polkit reads.
    environment.systemPackages = [ cfg.package ];
    environment.etc = lib.mapAttrs' (
      name: source: lib.nameValuePair "igotchuu/${name}" { inherit source; }
    ) files;

    services.dbus.packages = [ cfg.package ];
    services.udev.packages = [ cfg.package ];
    systemd.tmpfiles.packages = [ cfg.package ];
    users.groups.igotchuu = { };
    users.users.igotchuud = {
      isSystemUser = true;
      group = "igotchuu";
      description = "igotchuu on the bus";
    };

    # The generator is in the package as well: it serves what is put into /run/igotchuu by hand. For all else /etc, and so these units, come first.
    systemd.packages = [
      cfg.package
      units
    ];
    systemd.services.igotchuu-verify.wantedBy = [ "timers.target" ];
    systemd.services.igotchuu-waiting.wantedBy = [ "timers.target" ];
    systemd.paths.igotchuu-pending.wantedBy = [ "paths.target" ];
  };
}
