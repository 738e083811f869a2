# SPDX-License-Identifier: MIT
# Configurations, and the files below /etc/igotchuu that they make. The first one's units are in expected/.
{
  everything = {
    configuration = {
      services.igotchuu = {
        enable = true;
        defaults = {
          exclude-caches = true;
          keep.daily = 7;
        };
        jobs = {
          # faults.md O4: what restic starts is found by its own path.
          home = {
            settings = {
              sources = [ "/home" ];
              exclude = [ "/home/*/.cache" ];
              repositories = [ "nas" "cloud" ];
              keep = { daily = 14; weekly = null; };
              wait.mains-power = true;
              objective-hours = 26;
            };
            timerConfig.OnCalendar = [ "09:00" "21:00" ];
            serviceConfig = { Nice = 10; MemoryHigh = "1G"; };
          };
          # O3: names as they are, and nothing of a key that is null.
          "nas.example".settings = { sources = [ "/srv/nas" ]; keep.weekly = null; pending.days = 0; };
          "TV Shows" = { settings.sources = [ "/srv/tv shows" ]; timerConfig = null; };
          "srv-my\\x2ddata" = { settings.sources = [ "/srv/my-data" ]; timerConfig = { OnCalendar = "weekly"; Persistent = false; }; };
          # What stands in the settings takes the place of the default.
          often.settings = { sources = [ "/srv/often" ]; timer = { OnBootSec = "10min"; OnUnitActiveSec = "10min"; }; };
          off = { enable = false; settings.sources = [ "/srv/off" ]; };
        };
        repositories = {
          nas.settings = {
            location = "sftp:backup@nas.example.org:/srv/restic";
            password-credential = "nas";
            ssh.identity-credential = "nas-key";
            ssh.identity = null;
            maintenance = { OnCalendar = "weekly"; check-subset = "2%"; };
          };
          cloud.settings = {
            location = "rclone:cloud:backup";
            password-file = "/etc/igotchuu/cloud.password";
            environment.RCLONE_CONFIG.credential-path = "rclone";
            maintenance = false;
          };
        };
        notify.mail.to = [ "root" ];
      };
    };
    files = {
      "igotchuu/defaults.toml" = { exclude-caches = true; keep.daily = 7; };
      "igotchuu/jobs/home.toml" = {
        sources = [ "/home" ];
        exclude = [ "/home/*/.cache" ];
        repositories = [ "nas" "cloud" ];
        keep.daily = 14;
        wait.mains-power = true;
        objective-hours = 26;
        timer.OnCalendar = [ "09:00" "21:00" ];
        service = { Nice = 10; MemoryHigh = "1G"; };
      };
      "igotchuu/jobs/nas.example.toml" = { sources = [ "/srv/nas" ]; pending.days = 0; timer.OnCalendar = "daily"; };
      "igotchuu/jobs/TV Shows.toml" = { sources = [ "/srv/tv shows" ]; };
      "igotchuu/jobs/srv-my\\x2ddata.toml" = { sources = [ "/srv/my-data" ]; timer = { OnCalendar = "weekly"; Persistent = false; }; };
      "igotchuu/jobs/often.toml" = { sources = [ "/srv/often" ]; timer = { OnBootSec = "10min"; OnUnitActiveSec = "10min"; }; };
      "igotchuu/repositories/nas.toml" = {
        location = "sftp:backup@nas.example.org:/srv/restic";
        password-credential = "nas";
        ssh.identity-credential = "nas-key";
        maintenance = { OnCalendar = "weekly"; check-subset = "2%"; };
      };
      "igotchuu/repositories/cloud.toml" = {
        location = "rclone:cloud:backup";
        password-file = "/etc/igotchuu/cloud.password";
        environment.RCLONE_CONFIG.credential-path = "rclone";
        maintenance = false;
      };
      "igotchuu/notify.toml".mail.to = [ "root" ];
    };
  };

  disabled = {
    configuration.services.igotchuu.jobs.home.settings.sources = [ "/home" ];
    files = { };
  };

  no-job = {
    configuration.services.igotchuu.enable = true;
    files = { };
  };

  defaults-have-the-schedule = {
    configuration.services.igotchuu = {
      enable = true;
      defaults.timer.OnCalendar = "monthly";
      jobs.home.settings.sources = [ "/home" ];
    };
    files = {
      "igotchuu/defaults.toml".timer.OnCalendar = "monthly";
      "igotchuu/jobs/home.toml".sources = [ "/home" ];
    };
  };

  # What says nothing of when a job runs leaves each its schedule.
  defaults-have-the-delay = {
    configuration.services.igotchuu = {
      enable = true;
      defaults.timer.RandomizedDelaySec = "1h";
      jobs.home.settings.sources = [ "/home" ];
      jobs.srv = { settings.sources = [ "/srv" ]; timerConfig = null; };
    };
    files = {
      "igotchuu/defaults.toml".timer.RandomizedDelaySec = "1h";
      "igotchuu/jobs/home.toml" = { sources = [ "/home" ]; timer.OnCalendar = "daily"; };
      "igotchuu/jobs/srv.toml".sources = [ "/srv" ];
    };
  };

  the-settings-say-more = {
    configuration.services.igotchuu = {
      enable = true;
      jobs.home = { settings = { sources = [ "/home" ]; timer.Persistent = false; }; timerConfig = { OnCalendar = "hourly"; Persistent = true; }; };
    };
    files."igotchuu/jobs/home.toml" = { sources = [ "/home" ]; timer = { OnCalendar = "hourly"; Persistent = false; }; };
  };

  # By hand, whatever the defaults say; and with a key of its own beside their schedule.
  not-when-the-defaults-say = {
    configuration.services.igotchuu = {
      enable = true;
      defaults.timer.OnCalendar = "monthly";
      jobs.home = { settings.sources = [ "/home" ]; timerConfig = null; };
      jobs.srv = { settings.sources = [ "/srv" ]; timerConfig.Persistent = false; };
    };
    files = {
      "igotchuu/defaults.toml".timer.OnCalendar = "monthly";
      "igotchuu/jobs/home.toml" = { sources = [ "/home" ]; timer.OnCalendar = [ ]; };
      "igotchuu/jobs/srv.toml" = { sources = [ "/srv" ]; timer.Persistent = false; };
    };
  };

  # The hint of module.nix, followed; and one that is masked.
  a-unit-is-customised = {
    configuration = {
      services.igotchuu.enable = true;
      services.igotchuu.jobs.home = { settings.sources = [ "/home" ]; timerConfig = null; };
      systemd.services."igotchuu@home" = { overrideStrategy = "asDropin"; serviceConfig.Nice = 5; };
      systemd.services."igotchuu@srv".enable = false;
      systemd.services."igotchuu@".serviceConfig.Nice = 1;
    };
    files."igotchuu/jobs/home.toml".sources = [ "/home" ];
  };
}
