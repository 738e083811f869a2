#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A disk in a drawer and a server that is down say nothing: what they have is as fresh as they said when they were last asked, and as the job's record knows of the
# time since. It is said so, and too old all the same when that is. What was known to be gone is not there again because the disk is not.
. "$(dirname "$0")/stage.sh"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
server=/srv/server
listens() { : <>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null
serve() {
    systemd-run --quiet --unit=server --collect --service-type=exec restic-rest-server --listen "127.0.0.1:$port" --path $server --no-auth
    await 30 'the server' listens
}
undo() { umount --lazy /mnt/usb; rmdir /mnt/usb; systemctl stop server; rm -rf $server; }
on_usb() { restic --quiet --no-cache --repo /mnt/usb/restic --password-file /etc/igotchuu/key "$@"; }

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo one >/srv/d/file
mkdir -p /mnt/usb $server /etc/igotchuu
truncate --size 100M "$stage/usb.ext4" && mkfs.ext4 -q -F "$stage/usb.ext4"
plug() { mount -o loop "$stage/usb.ext4" /mnt/usb; }
plug
(umask 0077 && echo key >/etc/igotchuu/key)
on_usb init
serve
restic --quiet --no-cache --repo "rest:http://127.0.0.1:$port/" --password-file /etc/igotchuu/key init
printf 'location = "/mnt/usb/restic"\npassword-file = "/etc/igotchuu/key"\n' | repository usb
printf 'location = "rest:http://127.0.0.1:%s/"\npassword-file = "/etc/igotchuu/key"\nanswer-timeout = 10\n' "$port" | repository nas
job d <<<$'sources = ["/srv/d"]\nrepositories = ["usb", "nas"]\nobjective-hours = 26\npending.days = 0'
reload

# look WORDS…: each of which it says.
said() { journalctl --quiet --output cat --identifier igotchuu --unit igotchuu-fresh@d --since "@$looked"; }
look() {
    looked=$EPOCHREALTIME
    systemctl start igotchuu-fresh@d 2>/dev/null
}
forget_answers() { rm -rf /var/cache/igotchuu/fresh; }
is_fresh() {
    local word
    look || fail "it is not fresh: $(said)"
    for word; do assert_says "$(said)" "$word"; done
}
too_old() {
    local word
    ! look || fail "it is fresh: $(said)"
    assert_exit igotchuu-fresh@d 1
    for word; do assert_says "$(said)" "$word"; done
}

# Never asked, never backed up: nothing is known.
umount /mnt/usb
too_old 'There is no good backup of d in usb; that is what is known, for it cannot be asked now: ' 'There is no good backup of d in nas.'
plug
systemctl start igotchuu@d
assert_outcome d success
await_looks
umount /mnt/usb
systemctl stop server
forget_answers
is_fresh 'backup of d in usb is fresh: ' 'is its disk mounted?' 'backup of d in nas is fresh: ' 'nothing listens there'
said | grep --count 'that is what is known, for it cannot be asked now' | grep --quiet '^2$' || fail "$(said)"
[ "$(find /mnt/usb -mindepth 1)" = '' ] || fail 'something was made in the place of the disk'

# The same, two days later.
jq --compact-output 'def old: .started_usec -= 172800000000 | .ended_usec -= 172800000000 | .instant_usec -= 172800000000;
    .history[] |= old | .last_success |= old' /var/lib/igotchuu/jobs/d.json >"$stage/record"
cp /var/lib/igotchuu/jobs/d.json "$stage/now"
cat "$stage/record" >/var/lib/igotchuu/jobs/d.json
too_old 'backup of d in usb is too old: the newest good one is 2 d' 'backup of d in nas is too old: ' 'nothing listens there'
cat "$stage/now" >/var/lib/igotchuu/jobs/d.json

# What it said last is known, though the record thinks otherwise: it is too old, with the disk and then without it.
plug
serve
forget_answers
is_fresh 'backup of d in usb is fresh: ' 'backup of d in nas is fresh: '
! said | grep 'cannot be asked' || fail 'both could be asked'
on_usb forget "$(newest d)"
forget_answers
too_old 'There is no good backup of d in usb; ' 'is not there any more' 'backup of d in nas is fresh: '
umount /mnt/usb
too_old 'There is no good backup of d in usb; ' 'is not there any more'
/usr/libexec/igotchuu-exec fresh d >"$stage/said" 2>&1 && fail 'by hand it is fresh'
assert_says "$(cat "$stage/said")" 'There is no good backup of d in usb; that is what is known, for it cannot be asked now: '
assert_says "$(cat "$stage/said")" 'is not there any more'

# A run since then, after which the disk was asked, is known.
plug
echo two >/srv/d/file
next_second
systemctl start igotchuu@d
assert_outcome d success
await_looks
umount /mnt/usb
/usr/libexec/igotchuu-exec fresh d >"$stage/said" 2>&1 || fail "by hand it is not fresh: $(cat "$stage/said")"
assert_says "$(cat "$stage/said")" 'backup of d in usb is fresh: '
assert_says "$(cat "$stage/said")" 'cannot be asked now'
