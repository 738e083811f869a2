#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/machine run --with=podman,systemd-cron -- /src/tests/bench/generator.sh
#
# Each generator with 0, 1,000 and 10,000 entries, in turn, five rounds: milliseconds, minimum and median.
. /src/tests/system/stage.sh

entries() {
    rm -rf /etc/igotchuu/jobs /etc/containers/systemd /etc/cron.d
    mkdir -p /etc/igotchuu/jobs /etc/containers/systemd /etc/cron.d
    local number
    for ((number = 0; number < $1; number++)); do
        printf 'sources = ["/srv/%d"]\n[timer]\nOnCalendar = "daily"\n' $number >"/etc/igotchuu/jobs/job$number.toml"
        printf '[Container]\nImage=localhost/i%d\n' $number >"/etc/containers/systemd/c$number.container"
        printf '0 3 * * * root /bin/true %d\n' $number >>/etc/cron.d/all
    done
}
declare -A generator=(
    [igotchuu]=/usr/lib/systemd/system-generators/igotchuu-generator
    [quadlet]=/usr/lib/systemd/system-generators/podman-system-generator
    [systemd-cron]=/usr/lib/systemd/system-generators/systemd-crontab-generator
)
printf '%-16s %10s %8s %8s\n' generator entries min median
for count in 0 1000 10000; do
    entries $count
    declare -A times=()
    for round in 0 1 2 3 4 5; do
        for who in igotchuu quadlet systemd-cron; do
            rm -rf "$stage/out" && mkdir -p "$stage/out"/{normal,early,late}
            began=$EPOCHREALTIME
            "${generator[$who]}" "$stage/out/normal" "$stage/out/early" "$stage/out/late" >"$stage/log" 2>&1 </dev/null || fail "$who: $(cat "$stage/log")"
            ended=$EPOCHREALTIME
            [ $round = 0 ] || times[$who]+=" $(awk "BEGIN {printf \"%.1f\", ($ended - $began) * 1000}")"
        done
    done
    for who in igotchuu quadlet systemd-cron; do
        tr ' ' '\n' <<<"${times[$who]}" | grep . | sort -g |
            awk -v who=$who -v count=$count '{v[NR] = $1} END {printf "%-16s %10d %8.1f %8.1f\n", who, count, v[1], v[int((NR + 1) / 2)]}'
    done
done
