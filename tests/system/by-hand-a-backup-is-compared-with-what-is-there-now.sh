#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# igotchuu-exec prove: nothing has changed (0), something has (3, and each file is named), the snapshot is another job's, or there is none (1). It leaves nothing, also when whoever reads it goes away (130).
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
new_source /mnt/top e /srv/e
fill /srv/d few
echo e >/srv/e/file
cheap_repository r
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r"]'
job e <<<$'sources = ["/srv/e"]\nrepositories = ["r"]'
reload
prove() { said=$(/usr/libexec/igotchuu-exec prove "$@" 2>&1) && status=0 || status=$?; }
prove d
[ $status = 1 ] || fail "without a backup: exit status $status"
assert_says "$said" 'no backup there is known'
systemctl start igotchuu@d igotchuu@e
remember_host
prove d
[ $status = 0 ] || fail "unchanged: exit status $status: $said"
assert_says "$said" 'is proven'
[ "$(jq .proven /var/lib/igotchuu/jobs/d.json)" = null ] || fail 'what is compared by hand is the last proven one'
assert_host_as_before

first=$(last d .repositories[0].summary.snapshot_id)
echo changed >/srv/d/alice/private
rm /srv/d/alice/suid
rm "/srv/d/alice/ leading and trailing " && mkfifo "/srv/d/alice/ leading and trailing "
echo new >/srv/d/bob/new
chmod 0640 /srv/d/alice/--option
prove d
[ $status = 3 ] || fail "changed: exit status $status: $said"
for name in alice/private alice/suid bob/new alice/--option 'alice/ leading and trailing '; do
    assert_says "$said" "differs now: /srv/d/$name"
done
[ "$(grep --count 'differs now' <<<"$said")" = 5 ] || fail "said: $said"
assert_host_as_before
next_second
systemctl start igotchuu@d
prove d
[ $status = 0 ] || fail "backed up: exit status $status: $said"
prove d "${first:0:10}"
[ $status = 3 ] || fail "an old snapshot: exit status $status: $said"
prove d "$(last e .repositories[0].summary.snapshot_id)"
[ $status = 3 ] || fail "another job's: exit status $status: $said"
assert_says "$said" 'differs now: /srv/e/file'
prove d 0123456789
[ $status = 1 ] || fail "no snapshot: exit status $status: $said"
prove d /etc
[ $status = 1 ] || fail "no id: exit status $status: $said"
assert_host_as_before

# more than a pipe holds, of which somebody wants to see no more
(cd /srv/d/bob && touch -- {1..500}"$(printf '%0200d' 0)")
env --default-signal=PIPE /usr/libexec/igotchuu-exec prove d 2>"$stage/complaints" | head --lines 1 >"$stage/said" && status=0 || status=${PIPESTATUS[0]}
[ "$status" = 130 ] || fail "nobody reads on: exit status $status: $(cat "$stage/complaints")"
assert_says "$(cat "$stage/said")" 'r: snapshot '
assert_host_as_before
[ -z "$(ls /srv/cheap/r/locks)" ] || fail 'restic has left its lock'
