# SPDX-License-Identifier: MIT
# / is a tmpfs, and what shall last lies in subvolumes of one btrfs: they are frozen at one instant. What igotchuu itself has to remember has to last, too.
{
  services.igotchuu = {
    enable = true;

    jobs.persist.settings = {
      sources = [
        "/home"
        "/persist"
      ];
      keep.daily = 30;
    };

    repositories.default.settings = {
      location = "rest:https://backup.example.org/machine";
      password-file = "/persist/secrets/restic";
      environment = {
        RESTIC_REST_USERNAME.file = "/persist/secrets/rest-user";
        RESTIC_REST_PASSWORD.file = "/persist/secrets/rest-password";
      };
    };
  };

  # Of the module impermanence, which makes such mounts, it is: environment.persistence."/persist".directories = [ "/var/lib/igotchuu" ];
  fileSystems."/var/lib/igotchuu" = {
    device = "/persist/var/lib/igotchuu";
    fsType = "none";
    options = [ "bind" ];
    depends = [ "/persist" ];
  };
}
