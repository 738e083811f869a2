#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tests/generator/run.sh GENERATOR UNITS CASE: CASE/etc and its like in, CASE/expected out. The templates, which every case has, are
# expected as they are in UNITS. Each line of CASE/messages stands somewhere in what the generator says; without that file it says nothing.
# After a change that is meant: IGOTCHUU_ACCEPT=1 writes the outcome into CASE/expected. Look at the diff.
set -euo pipefail
generator=$1 units=$2 case=$3
work=$(mktemp --directory)
trap 'rm -rf "$work"' EXIT

mkdir "$work/root" "$work/expected"
cp -r --no-preserve=ownership "$case"/. "$work/root"
chmod -R go-w "$work/root"
# A small stack: toml++ recurses (tomlplusplus #100).
(ulimit -s 512; exec "$generator" --root="$work/root" /out /early /late) 2>"$work/said" || { echo "exit status $?"; cat "$work/said"; exit 1; }
# A build that asks for it fails where the boot goes on; what is written is the same.
strict=0
"$generator" --root="$work/root" --strict /strict /early /late 2>/dev/null || strict=$?
[ $strict = "$([ -e "$case/messages" ] && echo 1 || echo 0)" ] || { echo "exit status with --strict: $strict"; exit 1; }
diff -r --no-dereference "$work/root/out" "$work/root/strict"

for template in igotchuu{,-fresh,-maintenance}@.{service,timer} igotchuu-send@.service; do
    diff -u "$units/$template" "$work/root/out/$template"
    rm "$work/root/out/$template"
done
if [ -n "${IGOTCHUU_ACCEPT-}" ]; then
    rm -rf "$case/expected"
    cp -r "$work/root/out" "$case/expected"
fi
[ ! -e "$work/root/early" ] && [ ! -e "$work/root/late" ]
diff -r -u --no-dereference "$case/expected" "$work/root/out"

if [ -e "$case/messages" ]; then
    while IFS= read -r line; do
        grep --quiet --fixed-strings -- "$line" "$work/said" || { echo "not said: $line"; echo "but:"; cat "$work/said"; exit 1; }
    done <"$case/messages"
elif [ -s "$work/said" ]; then
    echo "it should have been silent:"
    cat "$work/said"
    exit 1
fi

# systemd's own judgement of the same units. The payload is another part's: something that exists stands for it.
cp "$units"/igotchuu{,-fresh,-maintenance}@.{service,timer} "$units"/igotchuu-send@.service "$work/root/out"
sed -i 's|^\(Exec[A-Za-z]*=\)[^ ]*|\1/bin/true|' "$work/root/out/"igotchuu{,-fresh,-maintenance,-send}@.service
cd "$work/root/out"
verified=(igotchuu@home-alice.service igotchuu-maintenance@default.service)
for unit in igotchuu{,-fresh,-maintenance,-send}@?*.service.d igotchuu{,-fresh,-maintenance}@?*.timer; do
    [ -e "$unit" ] && verified+=("${unit%.d}")
done
SYSTEMD_UNIT_PATH=$work/root/out: systemd-analyze verify --man=no --recursive-errors=no "${verified[@]}" >"$work/judged" 2>&1 ||
    { cat "$work/judged"; exit 1; }
[ ! -s "$work/judged" ] || { echo "systemd-analyze verify complains:"; cat "$work/judged"; exit 1; }
