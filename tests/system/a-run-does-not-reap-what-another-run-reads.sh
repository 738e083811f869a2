#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# P1, P2: a job's reaping leaves the snapshot of a running job alone, and what is not ours; one that cannot be deleted does not stop the rest.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top a /srv/a
new_source /mnt/top b /srv/b
head --bytes 200M /dev/urandom >/srv/a/big
mkdir -p --mode 0700 /mnt/top/.igotchuu
btrfs --quiet subvolume create /mnt/top/.igotchuu/foreign
dead=/mnt/top/.igotchuu/srv-b:00000000000000000000000000000001
mkdir -p $dead/0 && btrfs --quiet subvolume snapshot -r /srv/b $dead/0/snapshot
stuck=/mnt/top/.igotchuu/srv-b:00000000000000000000000000000002
mkdir -p $stuck/0 && btrfs --quiet subvolume snapshot /srv/b $stuck/0/snapshot
btrfs subvolume set-default $stuck/0/snapshot

systemctl start --no-block igotchuu@srv-a
wait_for_phase srv-a restic
systemctl start igotchuu@srv-b
[ "$(ls -d /mnt/top/.igotchuu/srv-a:*/0/snapshot | wc -l)" = 1 ] || fail 'the snapshot of the running job is gone'
systemctl start igotchuu@srv-a # twice: merged with the one that runs
wait_for_state igotchuu@srv-a inactive
assert_outcome srv-a success
assert_outcome srv-b success
[ "$(jq '.history | length' /var/lib/igotchuu/jobs/srv-a.json)" = 1 ] || fail 'the job ran twice'
[ ! -e $dead ] || fail 'the dead run was not reaped'
[ -e $stuck ] || fail 'the stuck one is gone: this test tests nothing'
said=$(journal_of igotchuu@srv-b)
assert_says "$said" 00000000000000000000000000000002
assert_says "$said" foreign
[ -d /mnt/top/.igotchuu/foreign ] || fail 'what is not ours was deleted'
btrfs subvolume set-default 5 /mnt/top
systemctl start igotchuu@srv-b
[ ! -e $stuck ] || fail 'what was stuck is not reaped when it can be'
