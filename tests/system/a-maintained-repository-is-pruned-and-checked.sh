#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A maintenance gives back the space of what forget took off the list, reads another part of the data each time, and is told on every channel. The embedded
# repository has one without any file; one with maintenance = false has none.
. "$(dirname "$0")/stage.sh"

maintained usb
head --bytes 20M /dev/urandom >/srv/data
restic_usb backup /srv/data
head --bytes 10M /dev/urandom >/srv/data
restic_usb backup /srv/data
restic_usb forget --group-by '' --keep-last 1
before=$(du --summarize --bytes /srv/usb/data | cut --fields 1)
remember_host

for part in 1 2 3 4 1; do
    systemctl start igotchuu-maintenance@usb
    [ "$(last_maintenance usb '"\(.outcome) \(.part)/\(.parts)"')" = "success $part/4" ] || fail "of part $part: $(last_maintenance usb .)"
done
after=$(du --summarize --bytes /srv/usb/data | cut --fields 1)
freed=$(jq '.history[-1].bytes_freed' /var/lib/igotchuu/repositories/usb.json)
[ $((before - after)) -gt 19000000 ] || fail "the space was not given back: $before, $after"
[ $((before - after - freed)) -lt 200000 ] && [ $((freed - before + after)) -lt 200000 ] || fail "$freed bytes are said to be freed, of $before are left $after"
[ "$(jq '[.parts[].read_usec > 0] | all' /var/lib/igotchuu/repositories/usb.json)" = true ] || fail 'not all parts were read'
[ "$(stat --format '%U:%G %a' /var/lib/igotchuu/repositories/usb.json)" = root:igotchuu\ 640 ] || fail 'who may read its record?'
said=$(journal_of igotchuu-maintenance@usb)
assert_says "$said" 'Maintenance of the repository usb begins (/etc/igotchuu/repositories/usb.toml)'
assert_says "$said" 'Maintenance of usb complete: 20.0 MiB freed, part 1 of 4 read and checked'
journalctl --catalog --unit igotchuu-maintenance@usb >"$stage/explained"
assert_says "$(cat "$stage/explained")" "systemctl stop 'igotchuu-maintenance@usb'"
[ -z "$(find /var/cache/igotchuu -name 'check-*')" ] || fail 'a cache was left'
assert_host_as_before

mkdir -p /srv/d && echo x >/srv/d/x
job d <<<$'sources = ["/srv/d"]\nsnapshot = "none"'
reload
systemctl start igotchuu@d
systemctl start igotchuu-maintenance@default
[ "$(last_maintenance default '"\(.outcome) \(.part)/\(.parts)"')" = 'success 1/20' ] || fail "the embedded repository: $(last_maintenance default .)"

repository default <<<$'location = "/srv/usb"\npassword-command = ["/usr/bin/cat", "/etc/igotchuu/password"]'
! systemctl start igotchuu-maintenance@default 2>/dev/null || fail 'the unit of the embedded repository maintained another one'
assert_exit igotchuu-maintenance@default 78
assert_says "$(journal_of igotchuu-maintenance@default)" daemon-reload
reload
systemctl start igotchuu-maintenance@default
[ "$(last_maintenance default '"\(.outcome) \(.part)/\(.parts)"')" = 'success 2/20' ] || fail "by a password's command: $(last_maintenance default .)"

sed --in-place '/^\[maintenance\]/,$d' /etc/igotchuu/repositories/usb.toml
echo 'maintenance = false' >>/etc/igotchuu/repositories/usb.toml
reload
! systemctl start igotchuu-maintenance@usb 2>/dev/null || fail 'it is maintained though its file says that it is not'
assert_exit igotchuu-maintenance@usb 78
assert_says "$(journal_of igotchuu-maintenance@usb)" 'usb.toml: says maintenance = false'
[ "$(last_maintenance usb .outcome)" = bad-configuration ] || fail 'the record does not say so'
