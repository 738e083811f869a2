#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/machine run -- /src/tests/bench/proof.sh [FILES BYTES]...
#
# The proof of a backup beside the unchanged backup that it follows: FILES files of BYTES each, 20,000 of 54 kB (1 GiB) and 100,000 of 10.7 kB unless said otherwise; three
# rounds after one that is not counted. Prints a table of the median: seconds of restic's backup, of the proof, their ratio, and starts of restic. Beside them what nothing
# that hashes every file can do without: sha256sum over all files of a new snapshot, of which the kernel has nothing in memory yet.
. /src/tests/system/stage.sh
[ $# -gt 0 ] || set -- 20000 53687 100000 10737

median() { sort -g | awk '{v[NR] = $1} END {printf "%.2f", v[int((NR + 1) / 2)]}'; }
hash_all() {
    local began=$EPOCHREALTIME
    find /mnt/top/hashed -type f -print0 | xargs --null sha256sum >/dev/null
    echo "$began $EPOCHREALTIME" | awk '{print $2 - $1}'
}
printf '| files | bytes each | prove | backup, seconds | proof, seconds | proof to backup | starts of restic | sha256sum, seconds |\n'
printf '| --- | --- | --- | --- | --- | --- | --- | --- |\n'
while [ $# -gt 0 ]; do
    new_btrfs /mnt/top 6000
    new_source /mnt/top d /srv/d
    python3 - "$1" "$2" <<'PY'
import os, random, sys
random.seed(1)
count, size = int(sys.argv[1]), int(sys.argv[2])
for number in range(count):
    directory = f"/srv/d/{number // 5000:03}/{number // 100 % 50:02}"
    if number % 100 == 0:
        os.makedirs(directory)
    with open(f"{directory}/{number}", "wb") as file:
        file.write(random.randbytes(size))
PY
    sync --file-system /srv/d
    for extent in sample full; do
        job d <<<$'sources = ["/srv/d"]\nprove-every-days = 0\nprove = "'$extent'"'
        reload
        rm -f "$stage"/{backup,proof,hash}
        for round in 0 1 2 3; do
            systemctl start igotchuu@d
            [ "$(last d .repositories[0].proof.finding)" = proven ] || fail "it is $(last d '.repositories[0].proof | tostring')"
            [ $round = 0 ] && continue
            last d '.phases_usec.restic / 1e6' >>"$stage/backup"
            last d '.phases_usec.prove / 1e6' >>"$stage/proof"
            btrfs --quiet subvolume snapshot -r /mnt/top/d /mnt/top/hashed
            hash_all >>"$stage/hash"
            btrfs --quiet subvolume delete /mnt/top/hashed
        done
        backup=$(median <"$stage/backup") proof=$(median <"$stage/proof")
        printf '| %s | %s | %s | %s | %s | %s | %s | %s |\n' "$1" "$2" $extent "$backup" "$proof" "$(awk "BEGIN {printf \"%.2f\", $proof / $backup}")" \
            "$(last d .restic_starts)" "$(median <"$stage/hash")"
    done
    umount /srv/d /mnt/top
    rm -f "$stage/mnt-top.btrfs"
    find /var/lib/igotchuu /var/cache/igotchuu -mindepth 1 ! -path /var/lib/igotchuu/jobs ! -path /var/lib/igotchuu/repositories ! -path /var/lib/igotchuu/kept -delete
    shift 2
done
