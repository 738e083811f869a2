# SPDX-License-Identifier: MIT
# What is refused before anything is built: a part of services.igotchuu (or, with `configuration`, all of one), and what is said. It names the option.
{
  no-sources = { igotchuu.jobs.home.settings = { }; says = "services.igotchuu.jobs.home.settings.sources"; };
  a-text-for-a-list = { igotchuu.jobs.home.settings.sources = "/home"; says = "services.igotchuu.jobs.home.settings.sources"; };
  a-path-that-is-copied = { igotchuu.jobs.home.settings.sources = [ ./good.nix ]; says = "services.igotchuu.jobs.home.settings.sources"; };
  no-source = { igotchuu.jobs.home.settings.sources = [ ]; says = "services.igotchuu.jobs.home.settings.sources"; };
  a-relative-path = { igotchuu.jobs.home.settings.sources = [ "home" ]; says = "services.igotchuu.jobs.home.settings.sources"; };
  a-wrong-word = { igotchuu.jobs.home.settings = { sources = [ "/home" ]; snapshot = "brtfs"; }; says = "services.igotchuu.jobs.home.settings.snapshot"; };
  a-count-beyond-its-range = { igotchuu.jobs.home.settings = { sources = [ "/home" ]; keep.daily = 0; }; says = "services.igotchuu.jobs.home.settings.keep.daily"; };
  a-wrong-duration = { igotchuu.jobs.home.settings = { sources = [ "/home" ]; keep.within = "soon"; }; says = "services.igotchuu.jobs.home.settings.keep.within"; };
  a-number-for-a-flag = { igotchuu.defaults.exclude-caches = 1; says = "services.igotchuu.defaults.exclude-caches"; };
  a-table-in-a-unit = { igotchuu.jobs.home = { settings.sources = [ "/home" ]; serviceConfig.Nice.value = 1; }; says = "services.igotchuu.jobs.home.serviceConfig.Nice"; };
  settings-beside-settings = { igotchuu.jobs.home = { sources = [ "/home" ]; }; says = "services.igotchuu.jobs.home.sources"; };

  an-undefined-repository = { igotchuu.jobs.home.settings = { sources = [ "/home" ]; repositories = [ "default" "nass" ]; }; says = "services.igotchuu.jobs.home.settings.repositories names what services.igotchuu.repositories does not define: nass."; };
  an-undefined-repository-of-all = { igotchuu.defaults.repositories = [ "nass" ]; says = "services.igotchuu.defaults.repositories names"; };

  a-secret-that-is-copied = { igotchuu.repositories.nas.settings.password-file = ./good.nix; says = "services.igotchuu.repositories.nas.settings.password-file"; };
  a-secret-in-the-store = { igotchuu.repositories.nas.settings.password-file = "${./good.nix}"; says = "services.igotchuu.repositories.nas.settings.password-file lies in the Nix store"; };
  a-key-in-the-store = { igotchuu.repositories.nas.settings.ssh.identity = "${./good.nix}"; says = "services.igotchuu.repositories.nas.settings.ssh.identity lies in the Nix store"; };
  a-credential-in-the-store = { igotchuu.repositories.nas.settings.load-credential = [ "nas:/etc/nas" "key:${./good.nix}" ]; says = "services.igotchuu.repositories.nas.settings.load-credential lies in the Nix store"; };
  a-variable-in-the-store = { igotchuu.repositories.nas.settings.environment.AWS_SECRET_ACCESS_KEY.file = "${./good.nix}"; says = "services.igotchuu.repositories.nas.settings.environment.AWS_SECRET_ACCESS_KEY.file lies in the Nix store"; };
  a-ping-in-the-store = { igotchuu.notify.ping.url-file = "${./good.nix}"; says = "services.igotchuu.notify.ping.url-file lies in the Nix store"; };
  a-password-in-a-location = { igotchuu.repositories.nas.settings.location = "rest:https://me:secret@nas/"; says = "services.igotchuu.repositories.nas.settings.location holds a password"; };

  a-timer-that-never-elapses = { igotchuu.jobs.home = { settings.sources = [ "/home" ]; timerConfig.RandomizedDelaySec = "1h"; }; says = "services.igotchuu.jobs.home.timerConfig, or the timer of its settings, says nothing of when the job runs"; };
  a-default-that-is-lost = { igotchuu.jobs.home.settings = { sources = [ "/home" ]; timer.Persistent = false; }; says = "services.igotchuu.jobs.home.timerConfig, or the timer of its settings, says nothing of when the job runs"; };

  a-name-with-a-slash = { igotchuu.jobs."srv/data".settings.sources = [ "/srv/data" ]; says = ''services.igotchuu.jobs."srv/data"''; };
  a-name-that-hides-the-file = { igotchuu.repositories.".nas".settings.location = "/nas"; says = ''services.igotchuu.repositories.".nas"''; };

  # faults.md O1
  a-unit-that-replaces-the-template = {
    configuration = {
      services.igotchuu.enable = true;
      systemd.services."igotchuu@home".serviceConfig.Nice = 10;
    };
    says = ''systemd.services."igotchuu@home" would replace the unit that igotchuu makes. Set its overrideStrategy = "asDropin"'';
  };

  # The first igotchuu's options.
  the-first-settings = { igotchuu.settings = { places = [ "/home" ]; }; says = "The option definition `services.igotchuu.settings'"; };
  the-first-timer = { igotchuu.timerConfig.OnCalendar = "weekly"; says = "services.igotchuu.jobs.NAME.timerConfig"; };
}
