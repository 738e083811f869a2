#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# migrate: the first igotchuu's configuration, and a unit that runs restic. The plan writes nothing, a fault writes nothing, what is there stays; then the jobs run, and their
# backups are in the repository that there was, at the same paths as those before.
. "$(dirname "$0")/stage.sh"

undo() { tmux kill-server; rm -rf /etc/igotchuu.toml /srv/old /etc/credstore/docs-* /etc/systemd/system/docs.{service,timer} /etc/docs.env; }
exits() { local expected=$1 status=0; shift; "$@" >"$stage/said" 2>&1 </dev/null || status=$?; [ $status = "$expected" ] || fail "$* exits with $status, not $expected: $(cat "$stage/said")"; }
told() { assert_says "$(cat "$stage/said")" "$1"; }
shows() { tmux capture-pane -p -t person | grep --quiet --fixed-strings -- "$1"; }
ours() { { find /etc/igotchuu /etc/credstore -type f ! -name defaults.toml 2>/dev/null || true; } | sort | paste --serial --delimiters ' '; }
old() { restic --quiet --no-cache --repo /srv/old/repository --password-file /srv/old/password "$@"; }
# The paths of all snapshots, each with how many there are of it.
paths() { old snapshots --json | jq --raw-output '.[].paths | join(",")' | sort | uniq --count | awk '{print $2 "=" $1}' | paste --serial --delimiters ' '; }

new_btrfs /mnt/top
for one in d e; do
    new_source /mnt/top $one /srv/$one
    fill /srv/$one few
done
mkdir -p /srv/old
(umask 0077 && echo 'of old' >/srv/old/password)
old init
"$(dirname "$0")/cheap-key.py" /srv/old/repository /srv/old/password
for one in d e; do old backup /srv/$one; done

cat >/etc/igotchuu.toml <<'TOML'
restic_backup_args = ["--one-file-system", "--exclude-caches"]
snapshot_prefix = "/mnt/snapshots"
repository_file = "/srv/old/location"
password_file = "/srv/old/password"
[profiles.docs]
places = ["/srv/d"]
[profiles.'the rest']
places = ["/srv/e"]
restic_backup_args = ["--exclude", "sparse.img"]
TOML
echo /srv/old/repository >/srv/old/location
# What stands outside of the profiles names a repository, so it is a job as well, of /home.

echo '- the plan'
before=$(ours)
exits 0 igotchuu migrate
told '/etc/igotchuu/jobs/docs.toml:'
told '    sources = ["/srv/d"]'
told '/etc/igotchuu.toml:2:1: snapshot_prefix: left out'
told 'Nothing is written'
[ "$(ours)" = "$before" ] || fail "the plan has written: $(ours)"
[ -z "$(find /run -maxdepth 1 -name 'igotchuu-migrate*')" ] || fail 'what was checked is still there'

echo '- with a fault nothing is written'
sed 's/^places.*e"]/places = ["e"]/' /etc/igotchuu.toml >"$stage/wrong.toml"
exits 78 igotchuu migrate --write "$stage/wrong.toml"
told "$stage/wrong.toml:8:11: \"e\" cannot be a source"
exits 64 igotchuu migrate --from restic "$stage/wrong.toml"
exits 64 igotchuu migrate --from borgmatic
exits 1 igotchuu migrate /nowhere
user ada
exits 1 runuser --user ada -- igotchuu migrate
mkdir -p /etc/igotchuu/jobs
echo mine >'/etc/igotchuu/jobs/the rest.toml'
exits 78 igotchuu migrate --write
told '/etc/igotchuu/jobs/the rest.toml: is there already'
[ "$(cat '/etc/igotchuu/jobs/the rest.toml')" = mine ] || fail 'a file was replaced'
rm '/etc/igotchuu/jobs/the rest.toml'
[ "$(ours)" = "$before" ] || fail "a fault has written: $(ours)"

echo '- written, they are sound, and run'
(umask 0077 && exits 0 igotchuu migrate --write)
[ "$(ours)" = '/etc/igotchuu/jobs/docs.toml /etc/igotchuu/jobs/igotchuu.toml /etc/igotchuu/jobs/the rest.toml /etc/igotchuu/repositories/igotchuu.toml' ] || fail "written: $(ours)"
[ "$(stat --format %a:%U /etc/igotchuu/jobs /etc/igotchuu/jobs/docs.toml /etc/igotchuu/repositories/igotchuu.toml | paste --serial)" = $'755:root\t644:root\t644:root' ] || fail "$(stat /etc/igotchuu/jobs/*)"
exits 0 igotchuu validate
[ ! -s "$stage/said" ] || fail "validate says: $(cat "$stage/said")"
exits 0 igotchuu reload
for job in docs 'the rest'; do exits 0 igotchuu run "$job"; done
[ "$(paths)" = '/srv/d=2 /srv/e=2' ] || fail "in the repository are $(paths)"
old restore --target "$stage/restored" "$(newest docs)"
assert_same /srv/d "$stage/restored/srv/d"
exits 78 igotchuu migrate --write
rm -r /etc/igotchuu/jobs /etc/igotchuu/repositories

echo '- a unit, its timer and its secrets; a person is asked'
cat >/etc/systemd/system/docs.service <<'UNIT'
[Service]
Type=oneshot
EnvironmentFile=/etc/docs.env
ExecStart=/usr/bin/restic backup --exclude-caches /srv/d
ExecStart=/usr/bin/restic forget --keep-last 7
UNIT
printf '[Timer]\nOnCalendar=Mon 03:00\n' >/etc/systemd/system/docs.timer
(umask 0077 && printf 'RESTIC_REPOSITORY=/srv/old/repository\nRESTIC_PASSWORD="of old"\n' >/etc/docs.env)
tmux -f /dev/null new-session -d -s person -x 150 -y 60 "igotchuu migrate --from systemd-restic /etc/systemd/system/docs.service; echo \"it exited with \$?\"; cat"
await 10 'the question' shows 'Write these files?'
shows '/etc/credstore/docs-password, for root alone' || fail 'the secret is not named'
! shows 'of old' || fail 'the secret is shown'
tmux send-keys -t person y Enter
await 10 'the end' shows 'it exited with 0'
[ "$(stat --format %a /etc/credstore/docs-password)" = 600 ] || fail 'others may read the password'
! grep --quiet --recursive 'of old' /etc/igotchuu || fail 'the secret is in a file of a job'
exits 0 igotchuu validate
exits 0 igotchuu reload
state_is igotchuu@docs.timer active || fail 'its timer does not run'
exits 0 igotchuu run docs
[ "$(paths)" = '/srv/d=3 /srv/e=2' ] || fail "in the repository are $(paths)"
exits 0 bash -c 'systemctl cat docs.service docs.timer | sed "s/docs.service/other.service/" | igotchuu migrate --from systemd-restic --write /dev/stdin'
grep --quiet 'OnCalendar = "Mon 03:00"' /etc/igotchuu/jobs/other.toml || fail "$(cat /etc/igotchuu/jobs/*)"
rm /etc/credstore/other-password
