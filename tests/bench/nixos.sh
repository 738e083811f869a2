#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/machine run -- /src/tests/bench/nixos.sh
#
# nixos-module/ with 1, 50 and 500 jobs, five rounds each, milliseconds of the processor, minimum and median: its evaluation, with the stand-in for nixpkgs' lib (LIB= another
# one, a directory) and all of /etc/igotchuu as JSON; and igotchuu-generator over the files that come out, as the build runs it.
set -euo pipefail
tests=$(realpath "$(dirname "$0")/..")
lib=${LIB-$tests/nixos/stand-in/lib.nix}
generator=${GENERATOR-/usr/lib/systemd/system-generators/igotchuu-generator}
work=$(mktemp --directory)
trap 'rm -rf "$work"' EXIT

cat >"$work/jobs.nix" <<'NIX'
{ tests, lib, count }:
let
  standIn = import (tests + "/nixos/stand-in/lib.nix");
  given = import lib;
  pkgs = import (tests + "/nixos/stand-in/pkgs.nix") { lib = given; };
  # The same module, by another module system: the options of NixOS, and its values, are the stand-in's.
  evalModules = if given ? evalModules && given ? modules
    then modules: (given.evalModules { modules = modules ++ [ { config._module.args = { inherit pkgs; }; } ]; }).config
    else modules: standIn.evalModules { inherit modules; arguments = { inherit pkgs; }; };
in
(import (tests + "/nixos/stand-in/nixos.nix") {
  inherit evalModules pkgs;
  lib = given;
  configuration.services.igotchuu = {
    enable = true;
    repositories.nas.settings = { location = "sftp:backup@nas:/srv/restic"; password-credential = "nas"; };
    jobs = builtins.listToAttrs (builtins.genList (number: {
      name = "job${toString number}";
      value.settings = { sources = [ "/srv/${toString number}" ]; repositories = [ "nas" ]; keep.daily = 7; };
    }) count);
  };
}).files
NIX
files() { nix-instantiate --eval --strict --json "$work/jobs.nix" --arg tests "$tests" --arg lib "$lib" --arg count "$1"; }
generate() { rm -rf "$work/root/units" && "$generator" --root="$work/root" --strict /units /early /late; }
# measure WHAT COUNT COMMAND…
measure() {
    local round TIMEFORMAT='%U %S'
    for round in 0 1 2 3 4 5; do
        { time "${@:3}" >"$work/out" 2>"$work/said"; } 2>&1 | awk -v round=$round 'round > 0 {print ($1 + $2) * 1000}'
    done | sort -g | awk -v what="$1" -v count="$2" '{v[NR] = $1} END {printf "%-16s %10d %8.1f %8.1f\n", what, count, v[1], v[int((NR + 1) / 2)]}'
}

printf '%-16s %10s %8s %8s\n' what jobs min median
for count in 1 50 500; do
    measure evaluation $count files $count
    rm -rf "$work/root" && mkdir -p "$work/root/etc"
    files $count | TO_TOML=$tests/nixos/to-toml.py python3 -c '
import json, os, pathlib, subprocess, sys
for name, values in json.load(sys.stdin).items():
    path = pathlib.Path(sys.argv[1], name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(subprocess.run(["python3", os.environ["TO_TOML"]], input=json.dumps(values).encode(), stdout=subprocess.PIPE, check=True).stdout)
' "$work/root/etc"
    measure generator $count generate
done
