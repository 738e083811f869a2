# SPDX-License-Identifier: MIT
# For pkgs.testers.runNixOSTest: on a real NixOS with btrfs, a job that its timer starts, what the bus says of it, a restore, and a switch.
{
  name = "igotchuu";

  nodes.machine =
    { pkgs, ... }:
    {
      imports = [ ./module.nix ];

      virtualisation.emptyDiskImages = [ 1024 ];
      environment.systemPackages = [
        pkgs.btrfs-progs
        pkgs.restic
      ];

      services.igotchuu = {
        enable = true;
        jobs.data = {
          settings.sources = [ "/data" ];
          timerConfig.OnCalendar = "2035-01-01"; # started by the test
        };
      };

      # Made here and now, and a switch away from it.
      specialisation.without.configuration = {
        services.igotchuu.jobs.data.enable = pkgs.lib.mkForce false;
      };
    };

  testScript = ''
    machine.wait_for_unit("multi-user.target")
    machine.succeed(
        "mkfs.btrfs /dev/vdb && mkdir /data && mount /dev/vdb /data",
        "echo 'Dear Bob' > /data/letter.txt",
    )

    with subtest("The timer runs, and nothing else wants the backup"):
        machine.succeed("systemctl is-active igotchuu@data.timer")
        machine.succeed("systemctl is-failed igotchuu-verify.service | grep inactive")
        machine.fail("journalctl --unit igotchuu@data --grep 'Starting'")

    with subtest("A backup"):
        machine.succeed("systemctl start igotchuu@data")
        machine.succeed("grep success /var/lib/igotchuu/jobs/data.json")
        machine.succeed(
            "busctl call com.nyantec.igotchuu /com/nyantec/igotchuu com.nyantec.igotchuu.Manager1 ListJobs | grep data"
        )

    with subtest("A restore"):
        machine.succeed(
            "restic --repo /var/lib/igotchuu/repository --password-file /var/lib/igotchuu/repository.key"
            " restore latest --target /restored",
            "cmp /data/letter.txt /restored/data/letter.txt",
        )

    with subtest("A switch takes the timer of a job away that is gone"):
        machine.succeed("/run/current-system/specialisation/without/bin/switch-to-configuration test")
        machine.fail("systemctl is-active igotchuu@data.timer")
  '';
}
