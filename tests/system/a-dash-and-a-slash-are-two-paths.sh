#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# N1: igotchuu@srv-my\x2ddata is /srv/my-data, igotchuu@srv-my-data is /srv/my/data; a job file takes the instance of its name, and nothing guesses.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top one /srv/my-data
new_source /mnt/top two /srv/my/data
echo one >/srv/my-data/marker
echo two >/srv/my/data/marker
systemctl start 'igotchuu@srv-my\x2ddata' igotchuu@srv-my-data
paths() { default_restic snapshots --json --tag "igotchuu-job=$1" | jq --raw-output '.[-1].paths[]'; }
[ "$(paths 'srv-my\x2ddata')" = /srv/my-data ] || fail "srv-my\\x2ddata is $(paths 'srv-my\x2ddata')"
[ "$(paths srv-my-data)" = /srv/my/data ] || fail "srv-my-data is $(paths srv-my-data)"
runs() { jq '.history | length' "/var/lib/igotchuu/jobs/$1.json"; }
before=$(runs 'srv-my\x2ddata') before_of_slash=$(runs srv-my-data)
next_second
igotchuu start /srv/my-data
ran_again() { [ "$(runs 'srv-my\x2ddata')" -gt "$before" ]; }
await 60 'the backup of /srv/my-data' ran_again
wait_for_state 'igotchuu@srv-my\x2ddata' inactive
assert_outcome 'srv-my\x2ddata' success
[ "$(paths 'srv-my\x2ddata')" = /srv/my-data ] || fail "/srv/my-data is $(paths 'srv-my\x2ddata')"
[ "$(runs srv-my-data)" = "$before_of_slash" ] || fail '/srv/my-data is the job of /srv/my/data, too'
next_second
job 'srv-my\x2ddata' <<<'sources = ["/srv/my/data"]'
reload
systemctl start 'igotchuu@srv-my\x2ddata'
[ "$(paths 'srv-my\x2ddata')" = /srv/my/data ] || fail 'the job file is not the job of its instance'
