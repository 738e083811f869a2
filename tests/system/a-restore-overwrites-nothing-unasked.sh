#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A restore shows first what it would do, and does it when somebody has said so. What is newer here stays, unless that is asked for; what is in the way stays; nothing is deleted.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
mkdir -p /srv/d/t/sub /srv/d/t/was-directory
for name in same older newer gone sub/gone sub/same was-file; do echo stored >"/srv/d/t/$name"; done
echo stored >/srv/d/t/was-directory/file
mkfifo /srv/d/t/fifo
touch --date '2020-01-01' /srv/d/t/*
job d <<<'sources = ["/srv/d"]'
reload
systemctl start igotchuu@d

rm /srv/d/t/gone /srv/d/t/sub/gone
echo other >/srv/d/t/older && touch --date '2019-01-01' /srv/d/t/older
echo newest >/srv/d/t/newer
rm -r /srv/d/t/was-directory && echo mine >/srv/d/t/was-directory
rm /srv/d/t/was-file && mkdir /srv/d/t/was-file
echo additional >/srv/d/t/additional
look() { find /srv/d -printf '%p %y %i %m %s %T@\n' | sort; }
look >"$stage/before"

# nobody there, and nobody who has said yes
status=0
said=$(igotchuu restore d /srv/d/t 2>&1 </dev/null) || status=$?
[ $status = 64 ] || fail "without a terminal it exits with $status: $said"
assert_says "$said" 'new         2 files'
assert_says "$said" 'replaced    1 file'
assert_says "$said" '/srv/d/t/older'
assert_says "$said" '1 file, other than in the snapshot, 1 newer here than in the snapshot; --overwrite=always replaces it'
assert_says "$said" '/srv/d/t/newer'
assert_says "$said" 'in the way  2'
assert_says "$said" '--yes'
diff "$stage/before" <(look) || fail 'something was changed without a yes'
said=$(igotchuu restore d /srv/d/t --dry-run --yes 2>&1) || fail "dry: $said"
diff "$stage/before" <(look) || fail 'something was changed by a dry run'
said=$(igotchuu restore d /srv/d/t --overwrite=never --dry-run 2>&1)
grep --quiet 'replaced' <<<"$said" && fail "never: $said"

# a person at a terminal who says no, one who says something else first, and one who says yes
said=$(script --quiet --return --command 'igotchuu restore d /srv/d/t' /dev/null <<<n) && fail 'no is a success'
assert_says "$said" 'Nothing was restored.'
diff "$stage/before" <(look) || fail 'something was changed by a no'
said=$(script --quiet --return --command 'igotchuu restore d /srv/d/t' /dev/null <<<$'yess\nNo') && fail 'what may mean anything, and then no, is a success'
[ "$(grep --only-matching --fixed-strings 'Restore that?' <<<"$said" | wc --lines)" = 2 ] || fail "what may mean anything is not asked again: $said"
diff "$stage/before" <(look) || fail 'something was changed by what may mean anything'
status=0
said=$(script --quiet --return --command 'igotchuu restore d /srv/d/t' /dev/null <<<' YES') || status=$?
[ $status = 3 ] || fail "what was in the way makes it $status: $said"
for name in older gone sub/gone; do [ "$(cat "/srv/d/t/$name")" = stored ] || fail "$name is $(cat "/srv/d/t/$name")"; done
[ "$(cat /srv/d/t/newer)" = newest ] || fail 'what was newer is gone'
[ "$(cat /srv/d/t/was-directory)" = mine ] && [ -d /srv/d/t/was-file ] || fail 'what was in the way is gone'
[ "$(cat /srv/d/t/additional)" = additional ] || fail 'what is not in the backup is gone'

# nothing but what is in the way, each way round, and a link
rm /srv/d/t/was-directory && ln -s sub /srv/d/t/was-directory
for name in was-directory was-file; do
    status=0
    said=$(igotchuu restore d /srv/d/t/$name --yes 2>&1) || status=$?
    [ $status = 3 ] || fail "$name alone, in the way, makes it $status: $said"
    assert_says "$said" 'Nothing can be restored'
    said=$(igotchuu restore d /srv/d/t/$name --dry-run 2>&1) || fail "dry, $name: $said"
    assert_says "$said" 'Nothing can be restored'
done
[ -L /srv/d/t/was-directory ] && [ -d /srv/d/t/was-file ] || fail 'what was in the way is gone'

said=$(igotchuu restore d /srv/d/t/newer --overwrite=always --yes 2>&1) || fail "always: $said"
[ "$(cat /srv/d/t/newer)" = stored ] || fail 'it was not overwritten'
[ -z "$(find /srv/d -name '.igotchuu-restore*')" ] || fail 'something was left behind'
