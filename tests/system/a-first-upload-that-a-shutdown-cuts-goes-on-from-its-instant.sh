#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A first upload may take days. When the machine goes down amid one, its instant stays, and the upload goes on from that: by the next run, or by itself. Of a
# later upload, and when somebody else stops it, nothing stays.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
head --bytes 20M /dev/urandom >/srv/d/big
echo old >/srv/d/file
cheap_repository r
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r"]'
throttle r up 2000
remember_host

# PID 1 says that the machine goes down while shutdown.target is there, alone.
mkdir -p /run/systemd/system/shutdown.target.d
printf '[Unit]\nRefuseManualStart=no\n' >/run/systemd/system/shutdown.target.d/test.conf
systemctl daemon-reload
goes_down() { systemctl start --job-mode=ignore-dependencies shutdown.target; }
is_up() { systemctl stop --job-mode=ignore-dependencies shutdown.target; }
undo() { is_up; rm -r /run/systemd/system/shutdown.target.d; }
kept() { jq --raw-output "$1" /var/lib/igotchuu/kept/d.json; }
assert_nothing_is_kept() { [ ! -e /var/lib/igotchuu/kept/d.json ] && [ -z "$(ls /mnt/top/.igotchuu)" ] || fail "kept: $(ls /mnt/top/.igotchuu)"; }
uploads() { [ "$(du --summarize --block-size=1M /srv/cheap/r | cut --fields 1)" -ge "$1" ]; }
begin() {
    systemctl start --no-block igotchuu@d
    wait_for_phase d restic
    await 30 'restic' pgrep --exact restic
}

begin
systemctl stop igotchuu@d
assert_outcome d stopped
assert_nothing_is_kept

begin
await 60 'a part of it to be there' uploads 5
goes_down
systemctl stop igotchuu@d
assert_outcome d stopped
[ "$(kept '.instants | length')" = 1 ] || fail "kept: $(kept .)"
run=$(kept '.instants[0].run') instant=$(($(kept '.instants[0].instant_usec') / 1000000))
[ -e "/mnt/top/.igotchuu/d:$run/0/snapshot" ] || fail 'the snapshot is gone'
assert_says "$(journal_of igotchuu@d)" "is kept for r"

# Once more, amid what goes on; then to its end, though the source is another one by now.
is_up
echo new >/srv/d/file
systemctl start --no-block igotchuu-send@d
wait_for_phase d restic
await 30 'restic' pgrep --exact restic
goes_down
systemctl stop igotchuu-send@d
is_up
[ "$(kept '.instants[0].run')" = "$run" ] || fail "kept: $(kept .)"
unthrottle r
systemctl start igotchuu@d
[ "$(jq --raw-output '[.history[1, 0] | .kept_run, .outcome] | join(" ")' /var/lib/igotchuu/jobs/d.json)" = "$run success  success" ] ||
    fail "$(jq --compact-output '.history[0, 1]' /var/lib/igotchuu/jobs/d.json)"
assert_nothing_is_kept
[ "$(on_r snapshots --json | jq --raw-output 'sort_by(.time)[0].time[0:19]')" = "$(date --date="@$instant" +%FT%T)" ] || fail 'it is another instant'
[ "$(on_r dump "$(on_r snapshots --json | jq --raw-output 'sort_by(.time)[0].id')" /srv/d/file) $(on_r dump latest /srv/d/file)" = 'old new' ] ||
    fail 'what is there is not as it was'
[ "$(on_r snapshots --json | jq length)" = 2 ] || fail 'there are not two snapshots'

# It is no first upload any more.
head --bytes 20M /dev/urandom >/srv/d/big
throttle r up 2000
begin
goes_down
systemctl stop igotchuu@d
is_up
assert_outcome d stopped
assert_nothing_is_kept
assert_host_as_before
