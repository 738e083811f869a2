#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every odd name a file may have is a job that runs: shell and systemd syntax, other units' names, the names of igotchuu's own locks.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/file
names=('a b' 'a%h' "it's" 'q"q' '$HOME' 'ü🦀' -x --help a@b x.service timers.target a,b a:b 'a;b' 'a\x2db' 'a\b' '*' '#x' ' lead' '%i' repository-default)
for name in "${names[@]}"; do job "$name" <<<'sources = ["/srv/d"]'; done
reload
remember_host
instance_of() { printf %s "$1" | LC_ALL=C perl -pe 's/([^a-zA-Z0-9:_.\\@-])/sprintf "\\x%02x", ord $1/ge'; }
for name in "${names[@]}"; do
    instance=$(instance_of "$name")
    timeout 30 systemctl start -- "igotchuu@$instance.service" || fail "the job $name did not run"
    [ "$(jq --raw-output .job "/var/lib/igotchuu/jobs/$instance.json")" = "$name" ] || fail "another job than $name ran"
    assert_outcome "$instance" success
done
assert_host_as_before
