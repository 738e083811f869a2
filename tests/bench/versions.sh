#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/machine run -- /src/tests/bench/versions.sh [ROUNDS]
#
# How long it takes to see how often a file was other than now, over 200 snapshots of 2,000 files in a local repository with a key as restic makes it, beside the same by
# restic: its find (which tells sizes and times, and no contents), and its ls of each snapshot, as a loop does it. One file is longer each fourth time, another is as long as before.
. /src/tests/system/stage.sh
rounds=${1:-3}

mkdir -p /srv/d/{1..20}
for ((number = 0; number < 2000; ++number)); do echo "$number" >"/srv/d/$((number % 20 + 1))/$number"; done
export RESTIC_CACHE_DIR=/var/cache/igotchuu
(umask 0077 && mkdir -p /etc/igotchuu && echo secret >/etc/igotchuu/key)
on_r() { restic --quiet --repo /srv/r --password-file /etc/igotchuu/key "$@"; }
on_r init
cp -r /srv/r/keys "$stage/keys"
/src/tests/system/cheap-key.py /srv/r /etc/igotchuu/key # to make them
repository r <<<$'location = "/srv/r"\npassword-file = "/etc/igotchuu/key"'
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r"]'
reload
for ((number = 0; number < 200; ++number)); do
    [ $((number % 4)) != 0 ] || { echo x >>/srv/d/1/grows; printf '%05d' "$number" >/srv/d/1/stays; }
    on_r backup /srv/d --tag igotchuu-job=d --time "$(date --date="2026-01-01 $number hours" '+%F %T')"
done
rm -r /srv/r/keys && cp -r "$stage/keys" /srv/r/keys

seconds() { # COMMAND…
    local began=$EPOCHREALTIME ended
    "$@" >"$stage/log" 2>&1 || { cat "$stage/log" >&2; exit 1; }
    ended=$EPOCHREALTIME
    echo "$began $ended" | awk '{print $2 - $1}'
}
of() { sort -g | awk '{all[NR] = $1} END {printf "%.2f / %.2f", all[1], all[int((NR + 1) / 2)]}'; }
by_find() { on_r find --json --no-lock /srv/d/1/grows | jq --raw-output '.[].matches[] | "\(.size) \(.mtime)"' | sort --unique; }
by_ls() { on_r snapshots --json | jq --raw-output '.[].id' | while read -r id; do on_r ls --json --no-lock "$id" /srv/d/1/grows; done | jq --raw-output 'select(.size) | "\(.size) \(.mtime)"' | sort --unique; }
versions() { igotchuu versions "/srv/d/1/$1"; }
for ((round = 0; round <= rounds; ++round)); do
    for file in grows stays; do
        time=$(seconds versions $file)
        [ "$(grep --count ' B ' "$stage/log")" = 50 ] || fail "of $file it shows: $(cat "$stage/log")"
        [ "$round" = 0 ] || echo "$time" >>"$stage/$file"
    done
    time=$(seconds by_find)
    [ "$(wc --lines <"$stage/log")" = 50 ] || fail "find shows: $(cat "$stage/log")"
    [ "$round" = 0 ] || echo "$time" >>"$stage/find"
done
time=$(seconds by_ls)
[ "$(wc --lines <"$stage/log")" = 50 ] || fail "ls shows: $(cat "$stage/log")"
printf '| seconds, minimum / median of %s | |\n| --- | --- |\n' "$rounds"
printf '| **igotchuu versions**, 50 of 50 sizes | %s |\n| **igotchuu versions**, 50 of one size | %s |\n| restic find, jq and sort | %s |\n' "$(of <"$stage/grows")" "$(of <"$stage/stays")" "$(of <"$stage/find")"
printf '| restic ls of each snapshot, jq and sort, once | %.0f |\n' "$time"
