#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A machine without a network: a server that has a name cannot be found, one that has a number cannot be reached, and that is said. What was there before is absent,
# and gets its instant later; what never was is a failure, since its address may be wrong. What is on this machine is backed up to.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/file
cheap_repository r
(umask 0077 && echo nas >/etc/igotchuu/nas.key)
server() { printf 'location = "%s"\npassword-file = "/etc/igotchuu/nas.key"\nanswer-timeout = 10\n' "$2" | repository "$1"; }
server ssh sftp:nas.invalid:/srv/restic
server named rest:http://nas.invalid:8000/
server numbered rest:http://192.0.2.1:8000/
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r", "ssh", "named", "numbered"]'
admin <<<$'[Service]\nPrivateNetwork=yes'
reload
remember_host

said() {
    [ "$(last d '.repositories | map(.outcome) | join(" ")')" = "$1" ] || fail "$(last d .repositories)"
    assert_says "$(last d .repositories[1].message)" 'the name of the server cannot be resolved: is it right, and is there a network?'
    assert_says "$(last d .repositories[2].message)" 'the name of the server cannot be resolved: is it right, and is there a network?'
    assert_says "$(last d .repositories[3].message)" 'no network leads to the server: is this machine online?'
}
! systemctl start igotchuu@d 2>/dev/null || fail 'a success, with servers that were never there'
assert_outcome d failed
said 'success failed failed failed'
[ ! -e /var/lib/igotchuu/kept/d.json ] || fail "kept: $(cat /var/lib/igotchuu/kept/d.json)"
assert_host_as_before
systemctl reset-failed igotchuu@d

for name in ssh named numbered; do seen $name; done
next_second
systemctl start igotchuu@d
assert_exit igotchuu@d 0
assert_outcome d pending
said 'success pending pending pending'
[ "$(jq --raw-output '.instants | map(.repositories[].repository) | sort | join(" ")' /var/lib/igotchuu/kept/d.json)" = 'named numbered ssh' ] ||
    fail "kept: $(cat /var/lib/igotchuu/kept/d.json)"
/usr/libexec/igotchuu-exec pending --drop d
assert_host_as_before
