#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A repository on a restic-rest-server that only lets things be added, and whose address has a password in it: it gets its two keys; a new recovery key opens it and the
# old one stays, which is said; and no password of an address is shown.
. "$(dirname "$0")/stage.sh"
server=/srv/append
undo() {
    systemctl --quiet stop append-server
    rm -rf $server /etc/credstore.encrypted/append-*
}
mkdir -p $server/data
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
listens() { : <>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null
printf 'alice:{SHA}%s\n' "$(printf 'canary@pw' | openssl sha1 -binary | base64)" >$server/htpasswd
systemd-run --quiet --unit=append-server --collect --service-type=exec restic-rest-server --listen "127.0.0.1:$port" --path $server/data \
    --append-only --private-repos --htpasswd-file $server/htpasswd
await 30 'the server' listens

location="rest:http://alice:canary%40pw@127.0.0.1:$port/alice/r/"
repository append <<TOML
location = "$location"
password-credential = "append-key"
maintenance = false
[environment]
AWS_PROFILE.path = "/etc/hostname"
TOML
chmod 0600 /etc/igotchuu/repositories/append.toml
init() { igotchuu repository init "$@" 2>"$stage/said" | cat >"$stage/shown" || fail "$(cat "$stage/said")"; }
shown_key() { sed -nE 's/^    (([2-9A-HJ-NP-Z]{4}-){7}[2-9A-HJ-NP-Z]{4})$/\1/p' "$stage/shown"; }
opens() { RESTIC_PASSWORD=$1 restic --no-cache --repo "$location" cat config >/dev/null 2>&1; }

init append
first=$(shown_key)
opens "$first" || fail 'the recovery key does not open it'
shown=$(cat "$stage/shown" "$stage/said"; igotchuu repository status append)
! grep canary <<<"$shown" || fail 'the password of the address is shown'
assert_says "$shown" "restic -r 'rest:http://alice:***@127.0.0.1:$port/alice/r/' snapshots"
assert_says "$shown" "Write down as well the server's password"
assert_says "$shown" 'AWS_PROFILE'

init --new-recovery-key append
second=$(shown_key)
opens "$second" || fail 'the new recovery key does not open it'
opens "$first" || fail 'the server let the old key be removed: this tests nothing'
assert_says "$(cat "$stage/said")" 'still opens the repository, since it cannot be removed'
igotchuu repository confirm append <<<"$second" >/dev/null || fail 'the new one is not confirmed'
