#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A server that is down is absent like a disk: the instant is kept, and goes there when the server is up and igotchuu-pending looks. A wrong password stays a failure.
. "$(dirname "$0")/stage.sh"

server=/srv/server
mkdir -p $server
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
undo() { systemctl stop server; rm -rf $server; }
listens() { : <>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null
serve() {
    systemd-run --quiet --unit=server --collect --service-type=exec restic-rest-server --listen "127.0.0.1:$port" --path $server --no-auth
    await 30 'the server' listens
}
on_server() { restic --quiet --no-cache --repo "rest:http://127.0.0.1:$port/" --password-file /etc/igotchuu/nas.key "$@"; }

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo old >/srv/d/file
cheap_repository r
(umask 0077 && echo nas >/etc/igotchuu/nas.key)
serve
on_server init
systemctl stop server
printf 'location = "rest:http://127.0.0.1:%s/"\npassword-file = "/etc/igotchuu/nas.key"\nanswer-timeout = 10\n' "$port" | repository nas
seen nas
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r", "nas"]'
reload
remember_host

systemctl start igotchuu@d
assert_exit igotchuu@d 0
assert_outcome d pending
assert_says "$(last d .message)" 'nothing listens there'
instant=$(($(jq '.instants[0].instant_usec' /var/lib/igotchuu/kept/d.json) / 1000000))
echo new >/srv/d/file

# Still down: a look changes nothing.
/usr/libexec/igotchuu-exec pending --start
looked() { [ "$(journalctl --quiet --output cat --unit igotchuu@d --since "@$stage_began" --grep '(as it was at .*) is pending' | wc --lines)" -ge 1 ] && state_is igotchuu-send@d inactive; }
await 60 'a try' looked
[ "$(jq '.instants | length' /var/lib/igotchuu/kept/d.json)" = 1 ] || fail 'it is no longer kept'

serve
/usr/libexec/igotchuu-exec pending --start
sent() { [ ! -e /var/lib/igotchuu/kept/d.json ] && state_is igotchuu-send@d inactive; }
await 60 'what was kept to be sent' sent
[ "$(on_server snapshots --json | jq --raw-output '.[0].time[0:19]')" = "$(date --date="@$instant" +%FT%T)" ] || fail "$(on_server snapshots --json)"
[ "$(on_server dump latest /srv/d/file)" = old ] || fail 'the server has another instant'

echo wrong >/etc/igotchuu/nas.key
! systemctl start igotchuu@d || fail 'a wrong password is no failure'
assert_outcome d failed
[ ! -e /var/lib/igotchuu/kept/d.json ] || fail 'a wrong password keeps an instant'
systemctl reset-failed igotchuu@d
systemctl stop server
assert_host_as_before
