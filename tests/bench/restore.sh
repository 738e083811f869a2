#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/machine run -- /src/tests/bench/restore.sh [FILES BYTES]
#
# igotchuu restore beside restic restore: a tree of FILES files of BYTES each, 20,000 of 54 kB (1 GiB) unless said otherwise, to an empty directory; three rounds, in turn, after one that is not
# counted. Prints a table of the median: seconds of restic, of restic with --verify, of igotchuu with the newest snapshot, the ratio to the first; and the same of igotchuu with a snapshot that
# is named, which is looked for, listed and restored by one start of restic after the other.
. /src/tests/system/stage.sh
[ $# -gt 0 ] || set -- 20000 53687

median() { sort -g | awk '{v[NR] = $1} END {printf "%.2f", v[int((NR + 1) / 2)]}'; }
seconds() {
    local began=$EPOCHREALTIME
    "$@" >/dev/null
    awk "BEGIN {printf \"%.3f\n\", $EPOCHREALTIME - $began}"
}
emptied() { rm -rf /mnt/out/* && sync --file-system /mnt/out; }

new_btrfs /mnt/top 6000
new_source /mnt/top d /srv/d
new_btrfs /mnt/out 6000
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
job d <<<'sources = ["/srv/d"]'
reload
systemctl start igotchuu@d
alone() { restic --quiet --repo "$restic_repository" --password-file "$restic_repository.key" restore latest:/srv --target /mnt/out "$@"; } # with its cache, as igotchuu's
for round in 0 1 2 3; do
    for what in alone verified igotchuu named; do
        emptied
        case $what in
        alone) taken=$(seconds alone) ;;
        verified) taken=$(seconds alone --verify) ;;
        igotchuu) taken=$(seconds igotchuu restore d /srv/d --to /mnt/out --yes) ;;
        named) taken=$(seconds igotchuu restore d /srv/d --to /mnt/out --yes --snapshot "$(newest d)") ;;
        esac
        [ $round = 0 ] || echo "$taken" >>"$stage/$what"
    done
done
printf '| files | bytes each | restic | restic --verify | igotchuu restore | to restic | --snapshot | to restic |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n'
of() { median <"$stage/$1"; }
ratio() { awk "BEGIN {printf \"%.2f\", $(of "$1") / $(of alone)}"; }
printf '| %s | %s | %s | %s | %s | %s | %s | %s |\n' "$1" "$2" "$(of alone)" "$(of verified)" "$(of igotchuu)" "$(ratio igotchuu)" "$(of named)" "$(ratio named)"
