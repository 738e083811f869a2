# SPDX-License-Identifier: MIT
# The units of all jobs, made while the system is built, by the generator that makes them everywhere else at boot. A file with a fault ends the build.
{
  lib,
  linkFarm,
  runCommand,
  package,
  files,
}:
let
  configuration = linkFarm "igotchuu-configuration" files;
in
runCommand "igotchuu-units"
  {
    preferLocalBuild = true;
    allowSubstitutes = false;
  }
  ''
    mkdir -p root/etc
    cp -rL --no-preserve=mode ${configuration} root/etc/igotchuu   # the generator wants them to be the caller's
    if ! ${package}/lib/systemd/system-generators/igotchuu-generator --root=root --strict /units /early /late; then
      echo "/etc/igotchuu/jobs/NAME.toml is services.igotchuu.jobs.NAME.settings; so are repositories, defaults and notify." >&2
      exit 1
    fi
    cd root/units
    # Of a package's units NixOS takes drop-ins, but no links in .wants: the same, said in a drop-in.
    if [ -d timers.target.wants ]; then
      mkdir timers.target.d
      {
        echo '[Unit]'
        for timer in timers.target.wants/*; do
          printf 'Wants=%s\n' "''${timer##*/}"
        done
      } > timers.target.d/50-igotchuu.conf
      rm -r timers.target.wants
    fi
    mkdir -p $out/lib/systemd
    cp -r . $out/lib/systemd/system
  ''
