#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Whatever a run has added is looked at, by a look that asks after it: also when one is under way that has its answer already, and when it was an instant that was
# kept for a disk in a drawer. Nobody has to start one for what was too old to be well.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo one >/srv/d/file
cheap_repository r
cheap_repository s
undo() { umount --lazy /usr/bin/restic /mnt/usb; rmdir /mnt/usb; rm -f /var/cache/igotchuu/asked; }
is_well() { state_is igotchuu-fresh@d inactive; }
looked() { journalctl --quiet --output cat --identifier igotchuu --unit igotchuu-fresh@d --since "@$stage_began"; }

# A look that has asked one repository, and waits for the answer of the other, when a backup is made in both.
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r", "s"]\nobjective-hours = 26'
reload
mkdir -p /srv/held
cp /usr/bin/restic /srv/held/restic && mkfifo /srv/held/go
install -m 0755 /dev/stdin "$stage/held" <<'SH'
#!/bin/sh -p
for word; do case $word in snapshots) looks=yes ;; --no-lock) bare=yes ;; esac; done
if [ "$looks$bare" = yesyes ]; then
    echo x >>/var/cache/igotchuu/asked
    [ "$(wc -l </var/cache/igotchuu/asked)" != 2 ] || read -r line </srv/held/go
fi
exec /srv/held/restic "$@"
SH
mount --bind "$stage/held" /usr/bin/restic
asked_both() { [ "$(wc --lines </var/cache/igotchuu/asked)" = 2 ]; } 2>/dev/null
systemctl start --no-block igotchuu-fresh@d
await 30 'both to be asked' asked_both
systemctl start igotchuu@d
assert_outcome d success
let_go
await_looks
is_well || fail "what a look has found before the backup is what it says after it: $(looked)"
for name in r s; do assert_says "$(looked)" "The backup of d in $name is fresh: "; done
! grep 'There is no good backup' <<<"$(looked)" || fail 'it tells of a trouble that is over'

# Each time that a look has asked, a run has ended meanwhile: it says what it has seen in the end, and is not repeated for ever.
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r"]\nobjective-hours = 26'
reload
await_looks
rm -r /var/cache/igotchuu/{asked,fresh}                              # what was said a moment ago would do
sed --in-place 's/^    \[ .*read -r/    read -r/' "$stage/held"
mount --bind "$stage/held" /usr/bin/restic
asked() { [ "$(wc --lines </var/cache/igotchuu/asked)" = "$1" ]; } 2>/dev/null
state_is igotchuu-fresh@d inactive || fail 'a look is under way'
systemctl start --no-block igotchuu-fresh@d
for look in 1 2 3; do
    await 30 "look $look" asked $look
    echo "in look $look" >/srv/d/file
    next_second
    systemctl start igotchuu@d
    assert_outcome d success
    echo >/srv/held/go
done
await_looks
umount --lazy /usr/bin/restic
asked 3 || fail "it has looked $(wc --lines </var/cache/igotchuu/asked) times"
is_well || fail "three looks have not seen what the first run did: $(looked)"

# A disk in a drawer gets its instant later.
mkdir -p /mnt/usb
truncate --size 100M "$stage/usb.ext4" && mkfs.ext4 -q -F "$stage/usb.ext4"
plug() { mount -o loop "$stage/usb.ext4" /mnt/usb; }
plug
restic --quiet --no-cache --repo /mnt/usb/restic --password-file /etc/igotchuu/r.key init
umount /mnt/usb
printf 'location = "/mnt/usb/restic"\npassword-file = "/etc/igotchuu/r.key"\n' | repository usb
seen usb
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r", "usb"]\nobjective-hours = 26'
reload
echo two >/srv/d/file
next_second
systemctl start igotchuu@d
assert_outcome d pending
await_looks
! is_well || fail "nothing is on the disk, and nobody minds: $(looked)"
plug
nothing_is_kept() { [ ! -e /var/lib/igotchuu/kept/d.json ]; }
await 60 'what was kept to be sent' nothing_is_kept
await 60 'the look after it' is_well
assert_says "$(looked)" 'The backup of d in usb is fresh: '

# A job without a file has no look, whatever the defaults say.
new_source /mnt/top e /srv/e
echo one >/srv/e/file
echo 'objective-hours = 26' >>/etc/igotchuu/defaults.toml
reload
systemctl start igotchuu@srv-e
assert_outcome srv-e success
await_looks
[ -z "$(systemctl show --property InvocationID --value igotchuu-fresh@srv-e)" ] || fail 'a job without a file was looked at'
