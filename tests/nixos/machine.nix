# SPDX-License-Identifier: MIT
# The machine of a-nixos-like-machine-backs-up-and-restores: the package built by its own package.nix, and a job that its timer starts at once.
import ./stand-in/nixos.nix {
  configuration = {
    services.igotchuu = {
      enable = true;
      jobs.store = {
        settings.sources = [ "/mnt/store" ];
        timerConfig = {
          OnActiveSec = "1s";
          AccuracySec = "100ms";
          RandomizedDelaySec = 0;
        };
      };
      jobs."TV Shows".settings.sources = [ "/mnt/tv" ];
      repositories.nas.settings = {
        location = "sftp:backup@nas.example.org:/srv/restic";
        password-credential = "nas";
        maintenance.OnCalendar = "weekly";
      };
    };
    systemd.services."igotchuu@store" = {
      overrideStrategy = "asDropin";
      serviceConfig.Nice = 5;
    };
  };
}
