#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/machine run -- /src/tests/bench/waits.sh [TRIES]
#
# A job waits for a disk (wait.mounted), with the template's own steps. For each of the first TRIES (2) tries: the disk appears right after it, the worst moment; how
# long until the backup begins. Then the steps to come, as systemd computes them, since they are hours.
. /src/tests/system/stage.sh
tries=${1:-2}
undo() { umount --quiet /mnt/drawer; }

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/file
stand_in <<'SH'
echo "$summary"
SH
job d <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]\nwait.mounted = ["/mnt/drawer"]'
reload
mkdir -p /mnt/drawer
put_off() { [ "$(journalctl --quiet --output cat --unit igotchuu@d --since "@$begun" --grep 'cannot run now' | wc --lines)" -ge "$1" ]; }
for ((try = 1; try <= tries; try++)); do
    begun=$EPOCHREALTIME
    systemctl start --no-block igotchuu@d
    await 900 "try $try" put_off $try
    mount -t tmpfs drawer /mnt/drawer
    appeared=$EPOCHREALTIME
    await 3700 'the run' eval '[ "$(last d .outcome)" = success ] && state_is igotchuu@d inactive'
    awk -v began="$(last d .started_usec)" "BEGIN {printf \"the disk appears after try $try: the backup begins %.0f s later\n\", began / 1e6 - $appeared}"
    umount /mnt/drawer
    await 30 'the record to be old' next_second
done
systemctl cat igotchuu@d | awk -F= '/^RestartSec=|^RestartSteps=|^RestartMaxDelaySec=/'
awk 'BEGIN {for (n = 0; n <= 6; n++) printf "step %d: %.0f s\n", n + 1, 60 * 60 ^ (n / 6)}'
