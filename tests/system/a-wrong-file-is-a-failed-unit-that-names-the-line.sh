#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# C2, X4 and the rest of what a job file can get wrong: 78, every fault in one go with file:line:column, timer and service there, restic not started,
# and no directive of the file's making in any unit.
. "$(dirname "$0")/stage.sh"

# wrong NAME WHAT-IT-SAYS…: the job is started, fails with 78, and says so.
wrong() {
    local name=$1 said word
    shift
    systemctl daemon-reload
    ! systemctl start "igotchuu@$name" 2>/dev/null || fail "$name was started"
    assert_exit "igotchuu@$name" 78
    said=$(journal_of "igotchuu@$name")
    for word in "$@"; do assert_says "$said" "$word"; done
    [ "$(systemctl show --property LoadState --value "igotchuu@$name.timer")" = loaded ] || fail "$name has no timer"
    systemctl cat "igotchuu@$name.timer" | grep --quiet OnCalendar || fail "the timer of $name has no schedule"
    assert_outcome "$name" bad-configuration
}
remember_host
job a <<'EOT'
sources = ["/srv"]
nested-max = "many"
exclud = ["/srv/x"]
EOT
wrong a '/etc/igotchuu/jobs/a.toml:2:' 'nested-max' '/etc/igotchuu/jobs/a.toml:3:' 'exclude'
job broken <<<'sources = ["/srv"'
wrong broken '/etc/igotchuu/jobs/broken.toml:1:'
job relative <<<'sources = ["srv"]'
wrong relative '/etc/igotchuu/jobs/relative.toml:1:' absolute
job twice <<<'sources = ["/srv", "/srv/"]'
wrong twice twice /srv
job none <<<'description = "nothing"'
wrong none sources
job control <<<'sources = ["/srv/a\nb"]'
wrong control '/etc/igotchuu/jobs/control.toml:1:' control
job injected <<'EOT'
description = "Home\n[Service]\nExecStartPre=/usr/bin/touch /run/pwned"
sources = ["/srv"]
EOT
wrong injected '/etc/igotchuu/jobs/injected.toml:1:'
[ ! -e /run/pwned ] || fail 'a description wrote a directive'
! grep --quiet --recursive pwned /run/systemd/generator || fail 'a description is in a unit'
job template <<'EOT'
sources = ["/srv"]
[service]
ExecStart = "/bin/true"
EOT
wrong template ExecStart
job nowhere <<'EOT'
sources = ["/srv"]
repositories = ["nass"]
EOT
repository nas <<<$'location = "/mnt/nas"\npassword-file = "/etc/igotchuu/nas"'
wrong nowhere nass '"nas"'
job huge < <(head --bytes 300K /dev/zero | tr '\0' '#')
wrong huge /etc/igotchuu/jobs/huge.toml 262144
rm /etc/igotchuu/jobs/huge.toml
mkfifo /etc/igotchuu/jobs/fifo.toml
wrong fifo /etc/igotchuu/jobs/fifo.toml
mkdir /etc/igotchuu/jobs/directory.toml
wrong directory /etc/igotchuu/jobs/directory.toml
job writable <<<'sources = ["/srv"]'
chmod 0666 /etc/igotchuu/jobs/writable.toml
wrong writable /etc/igotchuu/jobs/writable.toml writable
job foreign <<<'sources = ["/srv"]'
chown 1000 /etc/igotchuu/jobs/foreign.toml
wrong foreign /etc/igotchuu/jobs/foreign.toml root
ln -s loop.toml /etc/igotchuu/jobs/loop.toml
wrong loop /etc/igotchuu/jobs/loop.toml
{ printf 'sources = '; printf '[%.0s' {1..300}; printf ']%.0s' {1..300}; } | job deep
wrong deep /etc/igotchuu/jobs/deep.toml:1:
{ printf 'a'; printf '.a%.0s' {1..300}; echo ' = 1'; } | job keys
wrong keys /etc/igotchuu/jobs/keys.toml:1:
[ ! -e /var/lib/igotchuu/repository ] || fail 'restic was started'
assert_host_as_before
