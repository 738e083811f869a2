#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# While btrfs balances, scrubs, sends or counts its quotas anew, backups succeed, and what they hold is whole.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top 2000
new_source /mnt/top d /srv/d
btrfs --quiet subvolume create /srv/d/nested
cp -r /usr/include /srv/d/nested/
head --bytes 200M /dev/urandom >/srv/d/big
btrfs --quiet subvolume snapshot -r /srv/d /mnt/top/sent
sync --file-system /srv/d
job d <<<'sources = ["/srv/d"]'
reload
systemctl start igotchuu@d

# beside NAME COMMAND…: three backups while COMMAND runs over and over.
beside() {
    local name=$1 run began=$stage/began
    shift
    rm -f "$began"
    (trap 'exit 0' TERM; while :; do touch "$began"; "$@" >/dev/null 2>&1 || true; done) &
    local other=$!
    await 10 "$name to begin" test -e "$began"
    for run in 1 2 3; do
        systemctl start igotchuu@d || fail "backup $run beside $name failed: $(last d .message)"
        assert_outcome d success
    done
    kill "$other"
    wait "$other" || true
    assert_host_as_before
}
remember_host
beside balance btrfs balance start --full-balance /mnt/top
beside scrub btrfs scrub start -B /mnt/top
beside send btrfs send --quiet -f /dev/null /mnt/top/sent
btrfs quota enable /mnt/top
beside 'a quota rescan' btrfs quota rescan -w /mnt/top
default_restic restore latest --target "$stage/restored"
assert_same /srv/d "$stage/restored/srv/d"
