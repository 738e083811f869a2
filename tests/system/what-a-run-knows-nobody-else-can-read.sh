#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The memory of a run, through which keys pass, is no other process's to look into, though it be root's, and is in no core dump.
. "$(dirname "$0")/stage.sh"

stand_in <<'SH'
touch $here/runs
exec sleep 1000
SH
systemctl start --no-block igotchuu-maintenance@stand-in # it has the rights of a backup, but for CAP_SYS_ADMIN, with which nobody could tell
await 30 'restic to run' test -e /srv/stand-in/runs
run=$(systemctl show --property MainPID --value igotchuu-maintenance@stand-in)

# CAP_SYS_PTRACE looks into everything, and of newer kernels CAP_PERFMON and CAP_SYS_ADMIN read it. Who has all else may look into what runs as the same user with no
# more than that, but for what does not let anybody (ptrace(2)).
strong=-sys_ptrace,-perfmon,-sys_admin
without_ptrace() { exec setpriv --bounding-set=$strong --inh-caps=$strong "$@"; }
may_read() { (without_ptrace cat "/proc/$1/environ") >/dev/null 2>&1; }
without_ptrace sleep infinity &
await 10 'another process to be read: this tests nothing' may_read $!
cat "/proc/$run/environ" >/dev/null || fail 'the run is over: this tests nothing'
! may_read "$run" || fail 'the memory of a run can be read'

[ "$(prlimit --pid "$run" --core --output SOFT,HARD --noheadings --raw)" = '0 0' ] || fail "$(prlimit --pid "$run" --core)"
for unit in igotchuu@d igotchuu-send@d igotchuu-fresh@d igotchuu-maintenance@stand-in; do
    [ "$(systemctl show --property LimitCORE --value $unit)" = 0 ] || fail "$unit may leave a core dump"
done
systemctl stop igotchuu-maintenance@stand-in
