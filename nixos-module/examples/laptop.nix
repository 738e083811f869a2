# SPDX-License-Identifier: MIT
# A laptop whose /home is on btrfs: each hour to a server at home, by ssh, and to a disk whenever that is there.
{
  services.igotchuu = {
    enable = true;

    jobs.home = {
      settings = {
        sources = [ "/home" ];
        exclude = [ "/home/*/.cache" ];
        exclude-caches = true;
        repositories = [
          "nas"
          "usb"
        ];
        wait = {
          mains-power = true;
          latest-hours = 12;
        };
        keep = {
          hourly = 24;
          daily = 14;
          weekly = 8;
        };
      };
      timerConfig.OnCalendar = "hourly";
      serviceConfig.Nice = 10;
    };

    # systemd-creds encrypt --name=nas - /etc/credstore.encrypted/nas, and so on: no secret is in this file, nor in the Nix store.
    repositories.nas.settings = {
      location = "sftp:backup@nas.example.org:/srv/restic/laptop";
      password-credential = "nas";
      ssh.identity-credential = "nas-key";
      ssh.known-hosts = "/etc/ssh/ssh_known_hosts";
      maintenance.OnCalendar = "weekly";
    };
    repositories.usb.settings = {
      location = "/mnt/usb/restic";
      password-credential = "usb";
    };

    notify.mail.to = [ "root" ];
  };
}
