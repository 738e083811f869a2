#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/machine run --with=borgmatic,borgbackup -- /src/tests/bench/three-repositories.sh [ROUNDS]
#
# 200 of 20,000 files (214 MB) are new; then all goes to three repositories: igotchuu from one instant, restic three times on the live tree, borgmatic with its
# btrfs hook. In turn, after a round that is not counted: seconds, bytes added to all three, and how many snapshots of the file system were taken for it.
. /src/tests/system/stage.sh
rounds=${1:-3}

new_btrfs /mnt/top 4000
new_source /mnt/top home /home
python3 - <<'PY'
import os, random
random.seed(1)
for number in range(20000):
    directory = f"/home/{number // 100:03}"
    if number % 100 == 0:
        os.makedirs(directory)
    with open(f"{directory}/{number}", "wb") as file:
        file.write(random.randbytes(random.randrange(21400)))
PY
export RESTIC_CACHE_DIR=/var/tmp/cache BORG_PASSPHRASE=secret
(umask 0077 && mkdir -p /etc/igotchuu && echo secret >/etc/igotchuu/key)
restic() { command restic --quiet --password-file /etc/igotchuu/key "$@"; }
{
    echo 'source_directories: [/home]'
    echo 'encryption_passphrase: secret'
    echo 'btrfs:'
    echo 'repositories:'
    for name in a b c; do echo "    - path: /var/tmp/borg/$name"; done
} >/etc/borgmatic.yaml
mkdir -p /var/tmp/{restic,borg,own}
for name in a b c; do
    restic --repo /var/tmp/restic/$name init
    restic --repo /var/tmp/own/$name init
    repository $name <<<"location = \"/var/tmp/own/$name\"
password-file = \"/etc/igotchuu/key\""
done
borgmatic --config /etc/borgmatic.yaml repo-create --encryption repokey-blake2 >/dev/null 2>&1
job home <<<$'sources = ["/home"]\nrepositories = ["a", "b", "c"]'
reload

by_restic() { for name in a b c; do restic --repo /var/tmp/restic/$name backup /home; done; }
by_igotchuu() { systemctl start igotchuu@home; }
by_borgmatic() { borgmatic --config /etc/borgmatic.yaml --verbosity 2 create; }
bytes_of_restic() { du --bytes --summarize /var/tmp/restic | cut --fields 1; }
bytes_of_igotchuu() { du --bytes --summarize /var/tmp/own | cut --fields 1; }
bytes_of_borgmatic() { du --bytes --summarize /var/tmp/borg | cut --fields 1; }
last_subvolume() { # the number of one that is made now: they only grow
    btrfs --quiet subvolume create /mnt/top/number
    btrfs inspect-internal rootid /mnt/top/number
    btrfs --quiet subvolume delete /mnt/top/number
}

declare -A times bytes snapshots
for ((round = 0; round <= rounds; ++round)); do
    python3 - "$round" <<'PY'
import random, sys
for number in range(200):
    with open(f"/home/{number:03}/new-{sys.argv[1]}", "wb") as file:
        file.write(random.randbytes(10700))
PY
    for who in restic igotchuu borgmatic; do
        before=$(bytes_of_$who) number=$(last_subvolume)
        began=$EPOCHREALTIME
        by_$who >"$stage/$who.log" 2>&1 || { cat "$stage/$who.log"; exit 1; }
        ended=$EPOCHREALTIME
        [ $round = 0 ] || times[$who]+=" $(awk "BEGIN {printf \"%.2f\", $ended - $began}")"
        bytes[$who]=$(($(bytes_of_$who) - before)) snapshots[$who]=$(($(last_subvolume) - number - 1))
    done
done
statistics() { tr ' ' '\n' <<<"$*" | grep . | sort -g | awk '{v[NR] = $1} END {printf "%.2f | %.2f", v[1], v[int((NR + 1) / 2)]}'; }
printf '| 200 of 20,200 files new, to three repositories | minimum, s | median, s | MiB added to the three | snapshots of the file system |\n| --- | --- | --- | --- | --- |\n'
for who in restic igotchuu borgmatic; do
    printf '| %s | %s | %s | %s |\n' "$who" "$(statistics "${times[$who]}")" "$(awk "BEGIN {printf \"%.1f\", ${bytes[$who]} / 1048576}")" "${snapshots[$who]}"
done
