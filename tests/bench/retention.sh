#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/machine run -- /src/tests/bench/retention.sh [ROUNDS]
#
# What it costs to plan, judge and remove, beside a bare `restic forget` by the same rules: 100 snapshots in a local repository with a key as restic makes
# it; in turn, after a round that is not counted. Prints a table of minimum and median, and the starts of restic.
. /src/tests/system/stage.sh
rounds=${1:-5}

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/x
export RESTIC_CACHE_DIR=/var/cache/igotchuu
(umask 0077 && mkdir -p /etc/igotchuu && echo secret >/etc/igotchuu/key)
on_r() { restic --quiet --repo /srv/r --password-file /etc/igotchuu/key "$@"; }
on_r init
repository r <<<$'location = "/srv/r"\npassword-file = "/etc/igotchuu/key"'
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r"]\nkeep.last = 100'
reload
systemctl start igotchuu@d
own=$(on_r snapshots --json | jq --raw-output '.[0].tags | join(",")')
for ((number = 1; number < 98; ++number)); do
    on_r backup /srv/d --tag "$own" --time "2020-01-01 00:00:$(printf %02d $((number % 60)))"
done

seconds() { # COMMAND…
    local began=$EPOCHREALTIME ended
    "$@" >"$stage/log" 2>&1 || { cat "$stage/log" >&2; exit 1; }
    ended=$EPOCHREALTIME
    echo "$began $ended" | awk '{print $2 - $1}'
}
of() { sort -g | awk '{all[NR] = $1} END {printf "%.2f / %.2f", all[1], all[int((NR + 1) / 2)]}'; }
bare() { on_r forget --tag "$own" --group-by '' --keep-last "$1"; }
for ((round = 0; round <= rounds; ++round)); do
    systemctl start igotchuu@d                                         # 99 + 1 at first, then 100 and one that goes
    phase=$(last d '.phases_usec.forget / 1e6')
    planned=$(last d .repositories[0].retention.planned)
    starts=$(last d .restic_starts)
    none=$(seconds bare 100)
    on_r backup /srv/d --tag "$own" --time '2020-01-01 00:00:00'
    one=$(seconds bare 100)
    [ "$round" -gt 0 ] || continue
    echo "$phase" >>"$stage/igotchuu-$planned"
    echo "$starts" >"$stage/starts-$planned"
    echo "$none" >>"$stage/bare-0"
    echo "$one" >>"$stage/bare-1"
done
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r"]\nkeep.last = 1000'
reload
for ((round = 0; round < rounds; ++round)); do
    systemctl start igotchuu@d
    last d '.phases_usec.forget / 1e6' >>"$stage/igotchuu-0"
    last d .restic_starts >"$stage/starts-0"
done
printf '| seconds, minimum / median of %s | restic forget, bare | igotchuu: plan, judge, remove | its starts of restic in the whole run |\n| --- | --- | --- | --- |\n' "$rounds"
for count in 0 1; do
    printf '| %s to remove | %s | %s | %s |\n' "$count" "$(of <"$stage/bare-$count")" "$(of <"$stage/igotchuu-$count")" "$(cat "$stage/starts-$count")"
done
