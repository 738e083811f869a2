#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/machine run -- /src/tests/bench/million.sh [FILES]
#
# An unchanged run over 1,000,000 small files in 10,101 directories: restic alone on the live tree, igotchuu, in turn, two rounds after one that is
# not counted; then igotchuu where it may see that nothing has changed. igotchuu's own part by phase, and beside its release what btrfs takes to delete any
# snapshot that was walked. Needs 8 GiB of memory.
. /src/tests/system/stage.sh
files=${1:-1000000}

new_btrfs /mnt/top 8000
new_source /mnt/top home /home
python3 - "$files" <<'PY'
import os, sys
for number in range(int(sys.argv[1])):
    directory = f"/home/{number // 10000:03}/{number // 100 % 100:02}"
    if number % 100 == 0:
        os.makedirs(directory)
    with open(f"{directory}/{number}", "w") as file:
        file.write(str(number))
PY
sync --file-system /home
export RESTIC_PASSWORD=secret RESTIC_CACHE_DIR=/var/tmp/cache
restic --quiet --repo /var/tmp/restic init

timed() { # COMMAND…: its seconds in $seconds
    local began=$EPOCHREALTIME
    "$@"
    seconds=$(awk "BEGIN {printf \"%.2f\", $EPOCHREALTIME - $began}")
}
for round in 0 1 2; do
    timed restic --quiet --repo /var/tmp/restic backup /home
    alone=$seconds
    timed systemctl start igotchuu@home
    assert_outcome home success
    [ "$round" = 0 ] || printf 'restic alone %s s; igotchuu %s s, of which milliseconds: %s\n' "$alone" "$seconds" \
        "$(last home '.phases_usec | to_entries | map("\(.key) \(.value / 1000)") | join(", ")')"
done
echo 'full-every-days = 7' >/etc/igotchuu/defaults.toml
systemctl daemon-reload
systemctl start igotchuu@home                                       # from here on nothing changes
for round in 1 2 3; do
    timed systemctl start igotchuu@home
    [ "$(last home .restic_starts)" = 0 ] || fail 'it was no run with nothing to do'
    printf 'nothing to do: igotchuu %s s, of which milliseconds: %s\n' "$seconds" \
        "$(last home '.phases_usec | to_entries | map("\(.key) \(.value / 1000)") | join(", ")')"
done
btrfs --quiet subvolume snapshot -r /home /mnt/top/walked
find /mnt/top/walked -printf %s >/dev/null
timed btrfs --quiet subvolume delete /mnt/top/walked
printf 'btrfs subvolume delete after find: %s s\n' "$seconds"
