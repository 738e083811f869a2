# SPDX-License-Identifier: MIT
# What Nix alone can tell, each with the option that is wrong. What is wrong inside a file the generator says, in the build.
{ config, lib, ... }:
let
  cfg = config.services.igotchuu;
  jobs = lib.filterAttrs (_: job: job.enable) cfg.jobs;
  schedule = import ./schedule.nix { inherit lib; };
  option = path: "services.igotchuu.${path}";

  ofEach = check: attrs: lib.concatLists (lib.mapAttrsToList check attrs);

  isFileName =
    kind: name: _:
    [
      {
        assertion = builtins.match "[^./][^/]*" name != null;
        message = "${option "${kind}.\"${name}\""}: this cannot be the name of a file in /etc/igotchuu/${kind}: it has a slash, begins with a dot or is empty.";
      }
    ];

  isDefined = path: repositories: {
    assertion = lib.all (name: name == "default" || cfg.repositories ? ${name}) repositories;
    message =
      let
        missing = lib.filter (name: name != "default" && !cfg.repositories ? ${name}) repositories;
      in
      "${option path} names what ${option "repositories"} does not define: ${lib.concatStringsSep ", " missing}.";
  };

  isSecret = path: value: {
    assertion = value == null || !lib.hasPrefix builtins.storeDir value;
    message = "${option path} lies in the Nix store, which everybody may read: ${toString value}. Name a file outside, or a credential of systemd's.";
  };

  secretsOf =
    name:
    { settings }:
    let
      path = key: "repositories.${name}.settings.${key}";
    in
    [
      (isSecret (path "password-file") settings.password-file)
      (isSecret (path "ssh.identity") settings.ssh.identity)
      {
        assertion =
          settings.location == null || builtins.match ".*://[^/@]*:[^/@]*@.*" settings.location == null;
        message = "${option (path "location")} holds a password, and the Nix store is for everybody to read: use location-credential.";
      }
    ]
    ++ map (credential: isSecret (path "load-credential") (pathOf credential)) (
      lib.optionals (settings.load-credential != null) settings.load-credential
    )
    ++ ofEach (variable: lib.mapAttrsToList (form: isSecret (path "environment.${variable}.${form}"))) (
      lib.optionalAttrs (settings.environment != null) settings.environment
    );

  # Of NAME:PATH.
  pathOf = credential: lib.concatStringsSep ":" (lib.drop 1 (lib.splitString ":" credential));

  namesRepositories =
    path: settings:
    isDefined path (lib.optionals (settings.repositories != null) settings.repositories);

  # Not all that says something about a timer says when it elapses.
  isScheduled = name: job: {
    assertion = job.settings.timer == null || schedule.has job.settings.timer || schedule.has cfg.defaults.timer;
    message = ''
      ${option "jobs.${name}.timerConfig"}, or the timer of its settings, says nothing of when the job runs, so that it never would: add
      OnCalendar = "daily", or, for a job that is started by hand, set timerConfig = null and leave the timer of its settings alone.
    '';
  };

  # An instance has no file of its own, so NixOS would write one in the place of the template.
  isDropIn = name: service: {
    assertion = !service.enable || service.overrideStrategy == "asDropin";
    message = ''
      systemd.services."${name}" would replace the unit that igotchuu makes. Set its overrideStrategy = "asDropin", or use
      ${option "jobs.NAME.serviceConfig"} instead.
    '';
  };
  instances = lib.filterAttrs (
    name: _: builtins.match "igotchuu(-fresh|-maintenance|-send)?@.+" name != null
  ) config.systemd.services;
in
{
  config = lib.mkIf cfg.enable {
    assertions =
      ofEach (isFileName "jobs") jobs
      ++ ofEach (isFileName "repositories") cfg.repositories
      ++ ofEach secretsOf cfg.repositories
      ++ [ (isSecret "notify.ping.url-file" cfg.notify.ping.url-file) ]
      ++ [ (namesRepositories "defaults.repositories" cfg.defaults) ]
      ++ lib.mapAttrsToList (name: job: namesRepositories "jobs.${name}.settings.repositories" job.settings) jobs
      ++ lib.mapAttrsToList isScheduled jobs
      ++ lib.mapAttrsToList isDropIn instances;
  };
}
