#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/machine run -- /src/tests/bench/restore.sh [FILES BYTES]
#
# igotchuu restore beside restic restore: a tree of FILES files of BYTES each, 20,000 of 54 kB (1 GiB) unless said otherwise, to an empty directory; three rounds, in turn, after one that is not
# counted. Prints a table of the median: seconds of restic, of restic with --verify, of igotchuu, and the ratio to the first.
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
    for what in alone verified igotchuu; do
        emptied
        case $what in
        alone) taken=$(seconds alone) ;;
        verified) taken=$(seconds alone --verify) ;;
        igotchuu) taken=$(seconds igotchuu restore d /srv/d --to /mnt/out --yes) ;;
        esac
        [ $round = 0 ] || echo "$taken" >>"$stage/$what"
    done
done
printf '| files | bytes each | restic | restic --verify | igotchuu restore | to restic |\n| --- | --- | --- | --- | --- | --- |\n'
printf '| %s | %s | %s | %s | %s | %s |\n' "$1" "$2" "$(median <"$stage/alone")" "$(median <"$stage/verified")" "$(median <"$stage/igotchuu")" \
    "$(awk "BEGIN {printf \"%.2f\", $(median <"$stage/igotchuu") / $(median <"$stage/alone")}")"
