#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# From README.md and nothing else: a first backup, a job with a timer, a backup by that timer, a restored file, another disk, a backup over the bus. Every block of these
# sections is run, or written to the file that its first line names.
. "$(dirname "$0")/stage.sh"

# section TITLE: its blocks, in their order.
section() {
    local line block='' language='' in_section=0 in_block=0
    while IFS= read -r line; do
        case $in_block$line in
        0'## '*) [ "$line" = "## $1" ] && in_section=1 || in_section=0 ;;
        0'```'*) in_block=1 language=${line#'```'} block='' ;;
        1'```') in_block=0; [ $in_section = 0 ] || follow "$language" "$block" ;;
        1*) block+=$line$'\n' ;;
        esac
    done <"$(dirname "$0")/../../README.md"
}
follow() {
    local file
    case $1 in
    toml) file=$(sed -n '1s/^# //p' <<<"$2") && mkdir -p "$(dirname "$file")" && printf '%s' "$2" >"$file" ;;
    '') bash -euo pipefail -c "$2" </dev/null | cat || fail "README.md says: $2" ;; # through a pipe: a recovery key goes to no file
    esac
}
runs() { jq '.history | length' /var/lib/igotchuu/jobs/home.json; }

mkdir -p /mnt/usb
section 'The first backup'
[ "$(runs)" = 1 ] || fail 'no first backup'
assert_says "$(journalctl --no-pager -xu igotchuu@home)" 'The backup lies on this machine'

section 'A job with a timer'
by_timer() { [ "$(runs)" -ge 2 ]; }
await 40 'a backup by the timer' by_timer
wait_for_state igotchuu@home inactive
assert_outcome home success

rm -rf /tmp/restored
section Restore
[ "$(cat /tmp/restored/home/alice/letter.txt)" = 'Dear Bob' ] || fail 'not restored'

section 'Another disk'
[ "$(restic --repo /mnt/usb/restic --password-file /etc/igotchuu/password --no-cache snapshots --json | jq length)" -ge 1 ] || fail 'not on the other disk'

systemctl stop igotchuu@home.timer # its run would be there already
wait_for_state igotchuu@home inactive
before=$(runs)
section 'On the bus'
over_the_bus() { [ "$(runs)" -gt "$before" ]; }
await 40 'a backup over the bus' over_the_bus
wait_for_state igotchuu@home inactive
assert_outcome home success
rm -rf /tmp/restored /mnt/usb/restic
umount /home && rm /var/tmp/disk
