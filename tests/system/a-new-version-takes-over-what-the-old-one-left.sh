#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A package is upgraded while a backup runs, and systemd executes itself anew: the run ends as it began. When it is killed, ExecStopPost= is the new
# program, and knows what the old one has made.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
head --bytes 40M /dev/urandom >/srv/d/big
job d <<<$'sources = ["/srv/d"]\nrestic-args = ["--limit-upload=10000"]'
reload
remember_host
upgrade() { cp --archive /usr/libexec/igotchuu-exec /usr/libexec/igotchuu-exec.new && mv /usr/libexec/igotchuu-exec.new /usr/libexec/igotchuu-exec; }

systemctl start --no-block igotchuu@d
wait_for_phase d restic
upgrade
systemctl daemon-reload
systemctl daemon-reexec
wait_for_state igotchuu@d inactive
assert_outcome d success
assert_host_as_before

head --bytes 40M /dev/urandom >/srv/d/big
systemctl start --no-block igotchuu@d
wait_for_phase d restic
upgrade
systemctl kill --kill-whom=main --signal=KILL igotchuu@d
wait_for_state igotchuu@d failed
assert_outcome d killed
assert_host_as_before
