# SPDX-License-Identifier: MIT
# What was services.restic.backups.remote, on the right. The repository stays as it is; its snapshots and the new ones have the same paths.
{
  services.igotchuu = {
    enable = true;

    jobs.remote = {
      settings = {
        sources = [
          "/home"
          "/var/lib"
        ]; # paths
        exclude = [ "/home/*/.cache" ]; # exclude
        keep.daily = 7; # pruneOpts: --keep-daily 7. Only the job's own snapshots are forgotten, by its tag
        restic-args = [ "--verbose" ]; # extraBackupArgs
      };
      timerConfig.OnCalendar = "daily"; # timerConfig
    };

    repositories.default.settings = {
      location = "rclone:cloud:backup"; # repository
      password-file = "/etc/nixos/restic-password"; # passwordFile
      environment.RCLONE_CONFIG.path = "/etc/nixos/rclone.conf"; # rcloneConfigFile
      options = [ "rclone.connections=4" ]; # extraOptions
      maintenance.OnCalendar = "weekly"; # the rest of pruneOpts, and runCheck; initialize: igotchuu repository init default
    };
  };
}
