#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/machine run -- /src/tests/bench/bus.sh [SAMPLES]
#
# From a status line of restic's (a stand-in, which writes when it was into its numbers) to the signal at a listener; igotchuud's memory with 0, 100 and
# 1,000 jobs; the CPU time of igotchuud and the bus as a part of a whole run's, with the real restic; and runs in pairs, with igotchuud and without it.
. /src/tests/system/stage.sh
samples=${1:-100} pairs=15

spread() { sort -g | awk '{v[NR] = $1} END {printf "median %.2f, 99 %% %.2f, most %.2f", v[int((NR + 1) / 2)], v[int(NR * 0.99 + 0.99)], v[NR]}'; }

new_btrfs /mnt/top 1500
new_source /mnt/top d /srv/d
stand_in <<SH
for sample in \$(seq $samples); do
    echo '{"message_type":"status","percent_done":0.5,"total_files":2,"bytes_done":'\$(date +%s%6N)'}'
    sleep 0.55
done
echo "\$summary"
SH
listen
systemctl start igotchuu@d
await 30 'the end' heard_at_least RunEnded 1
jq --raw-output 'select(.[3] == "Progress" and (.[1] | endswith("/job/d"))) | (.[0] * 1e6 - .[4][6]) / 1000' <(grep -v ready "$stage/heard") >"$stage/delays"
printf 'status line to signal, milliseconds, %d of them: %s\n' "$(wc -l <"$stage/delays")" "$(spread <"$stage/delays")"
pkill --full listen.py
umount /usr/bin/restic

memory() {
    systemctl stop igotchuud
    systemctl start igotchuud
    busctl call com.nyantec.igotchuu /com/nyantec/igotchuu org.freedesktop.DBus.ObjectManager GetManagedObjects >/dev/null
    awk '/^Pss:/ {pss = $2} /^Rss:/ {rss = $2} END {printf "%.1f MiB resident, %.1f of it its own part\n", rss / 1024, pss / 1024}' \
        "/proc/$(systemctl show --property MainPID --value igotchuud)/smaps_rollup"
}
rm /etc/igotchuu/jobs/d.toml
printf 'igotchuud with 0 jobs: %s\n' "$(memory)"
for jobs in 100 1000; do
    for ((number = 0; number < jobs; number++)); do job "j$number" <<<'sources = ["/srv/d"]'; done
    printf 'igotchuud with %d jobs: %s\n' "$jobs" "$(memory)"
done
rm -r /etc/igotchuu

cpu() { for unit in "$@"; do systemctl show --property CPUUsageNSec --value "$unit"; done | awk '$1 ~ /^[0-9]+$/ {sum += $1} END {print sum + 0}'; }
cp -r /usr/include /usr/share/perl /srv/d/
job d <<<'sources = ["/srv/d"]'
reload
systemctl start igotchuu@d # makes the repository
head --bytes 600M /dev/urandom >/srv/d/big
systemctl restart igotchuud
sleep 1 # its own start is not the run's
before=$(cpu igotchuud dbus)
systemctl start igotchuu@d
after=$(cpu igotchuud dbus) run=$(cpu igotchuu@d)
[ "$run" -gt 0 ] || run=$(journalctl --quiet --output json --unit igotchuu@d --since "@$stage_began" | jq --raw-output 'select(.CPU_USAGE_NSEC) | .CPU_USAGE_NSEC' | tail -n 1)
awk "BEGIN {printf \"CPU of igotchuud and the bus in a run of %.1f s of CPU: %.1f ms, %.2f %%\n\", $run / 1e9, ($after - $before) / 1e6, 100 * ($after - $before) / ($run + $after - $before)}"

duration() { last d '(.ended_usec - .started_usec) / 1000'; }
for ((pair = 0; pair < pairs; pair++)); do
    systemctl unmask --runtime --quiet igotchuud && systemctl start igotchuud
    systemctl start igotchuu@d && duration >>"$stage/with"
    systemctl mask --runtime --quiet --now igotchuud
    systemctl start igotchuu@d && duration >>"$stage/without"
done
systemctl unmask --runtime --quiet igotchuud
printf 'an unchanged run, milliseconds, with igotchuud: %s\n' "$(spread <"$stage/with")"
printf 'the same without it:                            %s\n' "$(spread <"$stage/without")"
paste "$stage/with" "$stage/without" | awk '{print $1 - $2}' | sort -g | awk '{v[NR] = $1} END {printf "the difference in pairs, median: %.1f ms\n", v[int((NR + 1) / 2)]}'
