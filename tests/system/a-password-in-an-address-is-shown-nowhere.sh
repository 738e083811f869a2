#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# X2: a password inside a repository's address, whose server is away, or answers: whatever a person looks at has *** in its place, and it is in no unit, log, state or metric.
. "$(dirname "$0")/stage.sh"

undo() { systemctl stop server; }

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/file
printf 'canary%%40pw\ncanary@pw\n' >"$stage/words"
install -m 0600 /dev/stdin /etc/away.password <<<secret
repository away <<'TOML'
location = "rest:https://alice:canary%40pw@127.0.0.1:1/alice/"
password-file = "/etc/away.password"
answer-timeout = 10
TOML
chmod 0600 /etc/igotchuu/repositories/away.toml
job d <<<$'sources = ["/srv/d"]\nrepositories = ["away"]\nkeep.last = 1'
reload
! systemctl start igotchuu@d 2>/dev/null || fail 'a server that is away is a success'
assert_outcome d failed
assert_says "$(last d .message)" 'rest:https://alice:***@127.0.0.1:1/alice/'

looks() { # COMMAND…: what it says is kept
    "$@" >"$stage/said" 2>&1 || true
    [ -s "$stage/said" ] || fail "$* says nothing: this tests nothing"
    ! grep --fixed-strings --file="$stage/words" "$stage/said" || fail "$* shows the password"
}
for option in '' --json; do
    looks igotchuu status $option d
    looks igotchuu show $option d
done
looks igotchuu log d
looks igotchuu units d
looks igotchuu repository status --json away
assert_says "$(cat "$stage/said")" '"location":"rest:https://alice:***@127.0.0.1:1/alice/"'
looks igotchuu repository status away
assert_says "$(cat "$stage/said")" 'rest:https://alice:***@127.0.0.1:1/alice/'
looks timeout 60 igotchuu retention d
assert_says "$(cat "$stage/said")" 'nothing listens there' # restic itself would go on trying for a quarter of an hour
looks busctl call com.nyantec.igotchuu /com/nyantec/igotchuu/job/d com.nyantec.igotchuu.Job1 GetLastMessages
sed --in-place 's/^answer.*/answer-timeut = 10/' /etc/igotchuu/repositories/away.toml
looks igotchuu validate
looks igotchuu validate --json
looks igotchuu repository status away
metrics=$stage/metrics
/usr/libexec/igotchuu-exec metrics "$metrics"
! grep --fixed-strings --file="$stage/words" "$metrics" || fail 'the metrics have the password'

echo '- nor is it in what is said of a repository of which nothing is configured'
cheap_repository r
on_r backup /srv/d
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
listens() { : <>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null
systemd-run --quiet --unit=server --collect --service-type=exec restic-rest-server --no-auth --listen "127.0.0.1:$port" --path /srv/cheap
await 30 'the server' listens
looks_at() { # REPOSITORY MEMBER VERB WORD…: where it has the address
    local place=127.0.0.1:$port/$1/ member=$2
    looks timeout 60 igotchuu "${@:3}" --repository "rest:http://alice:canary%40pw@$place" --password-file /etc/igotchuu/r.key --json
    [ "$(grep '^{' "$stage/said" | jq --raw-output "$member")" = "rest:http://alice:***@$place" ] || fail "$3 has no such $member: $(cat "$stage/said")"
}
looks_at r '.snapshots[].repository' snapshots
looks_at r .snapshot.repository ls
looks_at r '.found[].snapshots[].repository' find file
looks_at none '.troubles[].repository' snapshots
assert_says "$(cat "$stage/said")" "there is no repository at rest:http://alice:***@127.0.0.1:$port/none/"
found=$("$(dirname "$0")/find-words.py" "$stage/words" "$stage_began" 2>/dev/null)
[ -z "$found" ] || fail "$found"
rm /etc/away.password
