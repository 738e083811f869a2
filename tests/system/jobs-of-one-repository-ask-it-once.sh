#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Many jobs of one repository whose timers elapse together: restic is started once, also when that is in vain, and each job has its own answer. Who may not write a
# file cannot make them believe one. A job that has been run since asks again.
. "$(dirname "$0")/stage.sh"

cheap_repository r
mkdir -p /srv/d /srv/counted
for number in {1..20}; do
    printf 'sources = ["/srv/d"]\nsnapshot = "none"\nrepositories = ["r"]\nobjective-hours = 3\n' | job "j$number"
done
reload
echo one >/srv/d/file

# From here on each start of restic that opens the repository is a line.
cp /usr/bin/restic /srv/counted/restic
install -m 0755 /dev/stdin "$stage/restic" <<'SH'
#!/bin/sh -p
for word; do case $word in snapshots) echo "$*" >>/var/cache/igotchuu/starts ;; esac; done
exec /srv/counted/restic "$@"
SH
mount --bind "$stage/restic" /usr/bin/restic
undo() { umount --lazy /usr/bin/restic; rm -rf /srv/counted /var/cache/igotchuu/starts; }
starts() { [ ! -e /var/cache/igotchuu/starts ] || wc --lines </var/cache/igotchuu/starts; }
units=(igotchuu-fresh@j{1..20})
# looks FAILED STARTS: all at once; so many of them fail, with so many starts of restic.
looks() {
    rm -f /var/cache/igotchuu/starts
    systemctl start "${units[@]}" 2>/dev/null || true
    [ "$(systemctl list-units --failed --no-legend --plain 'igotchuu-fresh@*' | wc --lines)" = "$1" ] || fail "$(systemctl list-units --failed --no-legend --plain 'igotchuu-fresh@*')"
    [ "$(starts)" = "$2" ] || fail "restic was started $(starts) times, not $2"
}
forget_answers() { rm -rf /var/cache/igotchuu/fresh; }

systemctl start igotchuu@j1 igotchuu@j2
await_looks
forget_answers
looks 18 1
assert_says "$(cat /var/cache/igotchuu/starts)" 'snapshots --json --no-lock ' # it hinders nobody: a lock would be gone again by now
looks 18 '' # a moment later it is not even asked
[ "$(stat --format='%a %U:%G' /var/cache/igotchuu/fresh /var/cache/igotchuu/fresh/r.json | paste --serial)" = $'700 root:root\t600 root:root' ] ||
    fail "$(stat --format='%a %U:%G' /var/cache/igotchuu/fresh /var/cache/igotchuu/fresh/r.json)"

# What was backed up since is not missed: each good backup has a look of its own, and what they heard is enough for all.
systemctl start igotchuu@j{3..20}
await_looks
looks 0 ''

# Not root's, or writable by others: no answer. Nor is one that is no answer at all, or another repository's.
jq --compact-output '.snapshots = []' /var/cache/igotchuu/fresh/r.json >"$stage/none"
for spoil in 'chown 1000' 'chmod 0622' 'truncate --size 20M' 'sed -i s/address/other/'; do
    cat "$stage/none" >/var/cache/igotchuu/fresh/r.json
    $spoil /var/cache/igotchuu/fresh/r.json
    looks 0 1
done
mv /srv/cheap/r /srv/cheap/r.elsewhere
mkdir /srv/cheap/r
forget_answers
looks 20 20 # what is there and no repository: each says so
rmdir /srv/cheap/r
looks 0 '' # a disk in a drawer is as fresh as is known, without restic
mv /srv/cheap/r.elsewhere /srv/cheap/r
