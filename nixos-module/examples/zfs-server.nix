# SPDX-License-Identifier: MIT
# A server on ZFS, with a database that holds still while the snapshots are taken. Each backup is compared with them, some files a time.
{ config, lib, pkgs, ... }:
{
  services.postgresql.enable = true;

  services.igotchuu = {
    enable = true;

    defaults = {
      timer = {
        OnCalendar = "02:00";
        RandomizedDelaySec = "1h";
      };
      keep = {
        daily = 14;
        monthly = 12;
      };
    };

    jobs.data.settings = {
      sources = [
        "/srv"
        config.services.postgresql.dataDir
      ];
      # The program finds psql where env says: a unit has no PATH that has it.
      hold = [
        [
          (lib.getExe' pkgs.coreutils "env")
          "PATH=${
            lib.makeBinPath [
              config.services.postgresql.package
              pkgs.coreutils
            ]
          }"
          "${config.services.igotchuu.package}/share/igotchuu/hold/postgresql"
        ]
      ];
      hold-user = "postgres";
      prove = "sample";
    };

    repositories.default.settings = {
      location = "s3:https://s3.example.org/backups";
      password-credential = "restic";
      environment = {
        AWS_ACCESS_KEY_ID.credential = "s3-id";
        AWS_SECRET_ACCESS_KEY.credential = "s3-key";
      };
      maintenance = {
        OnCalendar = "Sun 04:00";
        check-subset = "2%";
      };
    };

    notify.ping.url-credential = "healthchecks";
  };
}
