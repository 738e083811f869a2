#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tests/nixos/check.sh parses|evaluates|flake|installs|schema|builds SOURCE [PROGRAM UNITS]: what of nixos-module/ and flake.nix can be judged without nixpkgs. Needs nix.
# After a change that is meant, IGOTCHUU_ACCEPT=1 writes what schema and builds expect. Look at the diff.
set -euo pipefail
what=$1 source=$2 program=${3+$(realpath "$3")} units=${4-}
cd "$source/tests/nixos"
work=$(mktemp --directory)
trap 'rm -rf "$work"' EXIT
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
evaluate() { nix-instantiate --eval --strict --json "$@"; }
build() { nix-build --no-out-link --option sandbox false --option substitute false --option build-users-group '' "$@"; }

parses() {
    find "$source" -name '*.nix' -not -path '*/.git/*' -print0 | xargs -0 -n 1 nix-instantiate --parse >"$work/parsed"
    [ -s "$work/parsed" ]
}

evaluates() {
    local name said
    evaluate evaluates.nix --attr good >"$work/good"
    diff -u <(jq --sort-keys .wanted "$work/good") <(jq --sort-keys .made "$work/good") || fail "other files than good.nix expects"
    evaluate evaluates.nix --attr examples | jq --exit-status '[.[].failed[]] == []' >/dev/null || fail "an example is refused"
    for name in $(evaluate evaluates.nix --attr names | jq --raw-output '.[]'); do
        said=$(evaluate evaluates.nix --attr "refused.$name.said" 2>&1 && evaluate evaluates.nix --attr "refused.$name.files" 2>&1) || true
        grep --quiet --fixed-strings -- "$(evaluate evaluates.nix --attr "refused.$name.says" 2>/dev/null | jq --raw-output .)" <<<"${said//\\\"/\"}" ||
            fail "$name: not refused as it should be, but: $said"
    done
}

# With what meson knows of it: a version that is not its own would be a package of another.
flake() {
    local version
    evaluate flake.nix >"$work/flake"
    version=$(jq --raw-output .version "$work/flake")
    grep --quiet --fixed-strings "version: '$version'" "$source/meson.build" || fail "package.nix says version $version, meson.build another"
}

# With the flags of package.nix, and those of meson's hook in nixpkgs: nothing is installed but below the prefix, though systemd's pkg-config file and the
# options of D-Bus and polkit have places of their own.
installs() {
    local flags prefix=/nix/store/00000000000000000000000000000000-igotchuu elsewhere
    flags=$(evaluate --expr '(let pkgs = import ./stand-in/pkgs.nix { }; in pkgs.callPackage ../../nixos-module/package.nix { }).drvAttrs.flags' | jq --raw-output 'join(" ")')
    # shellcheck disable=SC2086 # they are several words
    meson setup --prefix=$prefix --libexecdir=$prefix/libexec --mandir=$prefix/share/man --datadir=$prefix/share $flags "$work/build" "$source" >"$work/said" ||
        fail "$(tail -n 20 "$work/said")"
    elsewhere=$(jq --raw-output --arg prefix "$prefix/" '.[] | select(startswith($prefix) | not)' "$work/build/meson-info/intro-installed.json")
    [ -z "$elsewhere" ] || fail "not below the prefix: $elsewhere"
    [ "$(jq length "$work/build/meson-info/intro-installed.json")" -gt 30 ] || fail "hardly anything is installed"
}

# The program says it.
schema() {
    "$program" >"$work/schema.json"
    [ -z "${IGOTCHUU_ACCEPT-}" ] || cp "$work/schema.json" "$source/nixos-module/schema.json"
    diff -u "$source/nixos-module/schema.json" "$work/schema.json"
}

# The program is the generator. Built by nix: settings → files → units, as they are expected, and as systemd takes them.
builds() {
    local generator=$program made said name unit verified=()
    made=$(build builds.nix --argstr generator "$generator" --attr everything)/lib/systemd/system
    cp -r --no-preserve=mode "$made" "$work/units"
    for template in igotchuu{,-fresh,-maintenance}@.{service,timer} igotchuu-send@.service; do
        diff -u "$units/$template" "$work/units/$template"
        rm "$work/units/$template"
    done
    if [ -n "${IGOTCHUU_ACCEPT-}" ]; then
        rm -rf expected
        cp -r "$work/units" expected
    fi
    diff -r -u expected "$work/units"

    cp "$units"/igotchuu{,-fresh,-maintenance}@.{service,timer} "$units"/igotchuu-send@.service "$work/units"
    sed --in-place 's|^\(Exec[A-Za-z]*=\)[^ ]*|\1/bin/true|' "$work/units/"igotchuu{,-fresh,-maintenance,-send}@.service
    cd "$work/units"
    for unit in igotchuu{,-fresh,-maintenance,-send}@?*.service.d igotchuu{,-fresh,-maintenance}@?*.timer; do
        verified+=("${unit%.d}")
    done
    SYSTEMD_UNIT_PATH=$work/units: systemd-analyze verify --man=no --recursive-errors=no "${verified[@]}" timers.target >"$work/judged" 2>&1 || cat "$work/judged"
    [ ! -s "$work/judged" ] || fail "systemd-analyze verify complains: $(cat "$work/judged")"

    cd "$source/tests/nixos"
    said=$(build builds.nix --argstr generator "$generator" --attr examples 2>&1) || fail "an example is refused: $said"
    for name in $(evaluate builds.nix --argstr generator "$generator" --attr names | jq --raw-output '.[]'); do
        said=$(build builds.nix --argstr generator "$generator" --attr "refused.$name.units" 2>&1) && fail "$name: it was built: $said"
        grep --quiet --fixed-strings -- "$(evaluate builds.nix --argstr generator "$generator" --attr "refused.$name.says" | jq --raw-output .)" <<<"$said" ||
            fail "$name: not refused as it should be, but: $said"
        grep --quiet --fixed-strings services.igotchuu.jobs.NAME.settings <<<"$said" || fail "$name: no option is named: $said"
    done
}

"$what"
