#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Between backup and proof one thing of the frozen source is changed, by writing through the top level of its file system: a byte under the same size and time,
# a file that is gone or new, an owner, a mode, an attribute, a link. Each is found: the run is "disproved", exits with 1, and names the file, or its
# directory, for root, not on the bus.
# What restic takes for unchanged and is not, is found, too, and the next run mends it.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
fill /srv/d few
mkdir /srv/d/canary
head --bytes 200k /dev/urandom >/srv/d/canary/file
cheap_repository r
repository r <<<$'location = "/srv/cheap/r"\npassword-file = "/etc/igotchuu/r.key"'
prove() { job d <<<$'sources = ["/srv/d"]\nrepositories = ["r"]\nprove = "full"\nprove-every-days = 0\nprove-files = 100\n'"${1-}" && reload; }
prove
stdbuf --output=L dbus-monitor --system >"$stage/monitor" 2>&1 &
await 10 'the monitor' grep --quiet NameLost "$stage/monitor"
remember_host

proof() { last d ".repositories[0].proof.$1"; }
run_well() {
    next_second
    systemctl start igotchuu@d
    assert_outcome d success
    [ "$(proof finding)" = proven ] || fail "a sound backup is $(proof finding): $(proof why)"
}
run_well
[ "$(proof restored)" = 9 ] || fail "$(proof restored) files were restored"
[ "$(jq --raw-output '.proven[0].snapshot_id' /var/lib/igotchuu/jobs/d.json)" = "$(last d .repositories[0].summary.snapshot_id)" ] || fail 'it is not the last proven one'
[ "$(last d .restic_starts)" = 4 ] || fail "a backup and its proof started restic $(last d .restic_starts) times"
[ "$(last d .phases_usec.prove)" -gt 0 ] || fail 'the proof took no time'

# changed NAMED COMMAND: in the frozen source; NAMED is in the message.
changed() {
    held_at --dry-run
    next_second
    systemctl start --no-block igotchuu@d
    wait_for_phase d prove
    frozen=$(echo /mnt/top/.igotchuu/d:*/*/snapshot)
    btrfs property set -f -t subvol "$frozen" ro false
    (cd "$frozen" && eval "$2")
    let_go
    wait_for_state igotchuu@d failed
    assert_exit igotchuu@d 1
    assert_outcome d disproved
    assert_says "$(last d .message)" "$1"
    assert_says "$(journal_of igotchuu@d)" "$1"
    assert_host_as_before
    systemctl reset-failed igotchuu@d
}
before=$(jq --raw-output '.proven[0].snapshot_id' /var/lib/igotchuu/jobs/d.json)
changed /srv/d/canary/file 'time=$(stat --format %y canary/file) && printf x | dd of=canary/file bs=1 seek=1000 conv=notrunc status=none && touch --date "$time" canary/file'
[ "$(jq --raw-output '.proven[0].snapshot_id' /var/lib/igotchuu/jobs/d.json)" = "$before" ] || fail 'what is disproved is the last proven one'
changed /srv/d/canary 'rm canary/file'
changed /srv/d/canary/new 'echo new >canary/new'
changed /srv/d/canary/file 'chown 4711 canary/file'
changed /srv/d/canary/file 'chmod 0640 canary/file'
changed /srv/d/canary/file 'setfattr --name user.mood --value bad canary/file'
changed /srv/d/alice 'ln --symbolic --force --no-dereference elsewhere "alice/soft link"'
changed '/srv/d/alice/empty directory' 'chmod 0755 "alice/empty directory"'
changed '/srv/d/alice/sparse.img' 'truncate --size 63M alice/sparse.img'
run_well

# unchanged, as far as restic can see
prove 'restic-args = ["--ignore-ctime"]'
run_well
time=$(stat --format %y /srv/d/canary/file)
printf xyz | dd of=/srv/d/canary/file bs=1 seek=1000 conv=notrunc status=none
touch --date "$time" /srv/d/canary/file
next_second
! systemctl start igotchuu@d 2>/dev/null || fail 'restic saw the change: this tests nothing'
assert_outcome d disproved
assert_says "$(last d .message)" /srv/d/canary/file
run_well
on_r dump latest /srv/d/canary/file | cmp - /srv/d/canary/file
assert_host_as_before
! grep --quiet canary "$stage/monitor" || fail 'the bus has names of files'
