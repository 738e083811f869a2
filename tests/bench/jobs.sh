#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/machine run -- /src/tests/bench/jobs.sh [JOBS]
#
# So many jobs (32) at once on one btrfs, each with a source and a local repository of its own; beside it the same jobs one after the other. Then, of
# one run: the wall time of each phase, and the system calls that igotchuu-exec itself makes.
. /src/tests/system/stage.sh
count=${1:-32}

new_btrfs /mnt/top 2000
install -m 0600 /dev/stdin /etc/password <<<secret
jobs=()
for ((number = 0; number < count; number++)); do
    new_source /mnt/top "s$number" "/srv/s$number"
    cp -r /usr/include/linux "/srv/s$number/"
    RESTIC_PASSWORD=secret restic --quiet --no-cache --repo "/var/tmp/r$number" init
    repository "r$number" <<<$'location = "/var/tmp/r'$number$'"\npassword-file = "/etc/password"'
    job "s$number" <<<$'sources = ["/srv/s'$number$'"]\nrepositories = ["r'$number$'"]'
    jobs+=("igotchuu@s$number")
done
reload
remember_host
systemctl start "${jobs[@]}" # the first runs, not counted

began=$EPOCHREALTIME
systemctl start "${jobs[@]}"
ended=$EPOCHREALTIME
awk "BEGIN {printf \"%d jobs at once: %.1f s\n\", $count, $ended - $began}"
own() { for ((number = 0; number < count; number++)); do last "s$number" '(.phases_usec | .start + .lock + .reap + .snapshot + .mount + .release) / 1000'; done | sort -g |
    awk '{v[NR] = $1} END {printf "of which igotchuu'"'"'s own part: median %.0f ms, longest %.0f ms\n", v[int((NR + 1) / 2)], v[NR]}'; }
own
for ((number = 0; number < count; number++)); do assert_outcome "s$number" success; done
assert_host_as_before
began=$EPOCHREALTIME
for one in "${jobs[@]}"; do systemctl start "$one"; done
ended=$EPOCHREALTIME
awk "BEGIN {printf \"one after the other: %.1f s\n\", $ended - $began}"
own

printf '\none run, milliseconds: %s\n' "$(last s0 '.phases_usec | to_entries | map("\(.key) \(.value / 1000)") | join(", ")')"
strace --summary-only --summary-sort-by=calls --output "$stage/calls" /usr/libexec/igotchuu-exec backup s0 2>/dev/null
head -n 25 "$stage/calls"
rm -f /etc/password
