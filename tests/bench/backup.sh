#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/machine run --with=borgmatic,borgbackup -- /src/tests/bench/backup.sh [FILES]
#
# An unchanged run over 100,000 files of about 1 GB: igotchuu, restic alone on the live tree, borgmatic with its btrfs hook; in turn, three rounds
# after one that is not counted. Prints a table of minimum and median, igotchuu's own part by phase, starts of restic, bytes added, peak memory.
. /src/tests/system/stage.sh
files=${1:-100000}

new_btrfs /mnt/top 6000
new_source /mnt/top home /home
python3 - "$files" <<'PY'
import os, random, sys
random.seed(1)
count = int(sys.argv[1])
for number in range(count):
    directory = f"/home/{number // 5000:03}/{number // 100 % 50:02}"
    if number % 100 == 0:
        os.makedirs(directory)
    with open(f"{directory}/{number}", "wb") as file:
        file.write(random.randbytes(random.randrange(21400)))
PY
sync --file-system /home
printf 'files: %s, bytes: %s, cores: %s, %s, restic %s, %s\n\n' "$(find /home -type f | wc -l)" "$(du -sb /home | cut -f1)" "$(nproc)" "$(uname -r)" \
    "$(restic version | awk '{print $2}')" "$(borgmatic --version | sed 's/^/borgmatic /')"

export RESTIC_PASSWORD=secret RESTIC_CACHE_DIR=/var/tmp/cache BORG_PASSPHRASE=secret
restic --quiet --repo /var/tmp/restic init
cat >/etc/borgmatic.yaml <<'YAML'
source_directories: [/home]
repositories: [{path: /var/tmp/borg}]
encryption_passphrase: secret
btrfs:
YAML
borgmatic --config /etc/borgmatic.yaml repo-create --encryption repokey-blake2 >/dev/null 2>&1

declare -A command=(
    [restic]='restic --quiet --repo /var/tmp/restic backup /home'
    [igotchuu]='systemctl start igotchuu@home'
    [borgmatic]='borgmatic --config /etc/borgmatic.yaml create'
)
declare -A times own
deletions=''
for round in 0 1 2 3; do
    # What the kernel takes to delete any snapshot whose files were looked at: it drops all that it has cached of them.
    btrfs --quiet subvolume snapshot -r /home /mnt/top/walked
    find /mnt/top/walked -printf %s >/dev/null
    began=$EPOCHREALTIME
    btrfs --quiet subvolume delete /mnt/top/walked
    ended=$EPOCHREALTIME
    [ $round = 0 ] || deletions+=" $(awk "BEGIN {printf \"%.2f\", ($ended - $began) * 1000}")"
    for who in restic igotchuu borgmatic; do
        began=$EPOCHREALTIME
        ${command[$who]} >"$stage/$who.log" 2>&1 || { cat "$stage/$who.log"; exit 1; }
        ended=$EPOCHREALTIME
        [ $round = 0 ] || times[$who]+=" $(awk "BEGIN {printf \"%.2f\", $ended - $began}")"
    done
    for phase in start lock reap snapshot mount release; do
        [ $round = 0 ] || own[$phase]+=" $(last home ".phases_usec.$phase / 1000")"
    done
done
statistics() { tr ' ' '\n' <<<"$*" | grep . | sort -g | awk '{v[NR] = $1} END {printf "%8.2f %8.2f", v[1], v[int((NR + 1) / 2)]}'; }
printf '%-44s %8s %8s\n' 'an unchanged run, seconds' min median
for who in restic igotchuu borgmatic; do
    printf '%-44s %s\n' "$who" "$(statistics "${times[$who]}")"
done
printf '\n%-44s %8s %8s\n' "igotchuu's own part, milliseconds" min median
for phase in start lock reap snapshot mount release; do
    printf '%-44s %s\n' "$phase" "$(statistics "${own[$phase]}")"
done
printf '%-44s %s\n' 'btrfs subvolume delete after find' "$(statistics "$deletions")"

# Twice more without borgmatic, whose hook makes a directory in /home: the second with another device number, and with the peak memory of both.
systemctl start igotchuu@home
occupy_device_numbers /mnt/top
systemctl start --no-block igotchuu@home
wait_for_phase home restic
peak() { sed -n 's/^VmHWM:\s*//p' "/proc/$1/status" 2>/dev/null || true; }
exec_pid=$(systemctl show --property MainPID --value igotchuu@home)
restic_pid=$(pgrep --exact restic)
while [ -d "/proc/$restic_pid" ]; do
    restic_peak=$(peak "$restic_pid") && [ -z "$restic_peak" ] || of_restic=$restic_peak
    exec_peak=$(peak "$exec_pid") && [ -z "$exec_peak" ] || of_exec=$exec_peak
done
wait_for_state igotchuu@home inactive
printf '\nstarts of restic: %s; added to the repository under a new device number: %s B; peak memory: igotchuu-exec %s, restic %s\n' \
    "$(last home .restic_starts)" "$(last home '.repositories[0].summary.data_added')" "$of_exec" "$of_restic"
