#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A stop and a SIGKILL, of igotchuu-exec alone, of the whole unit and of a run by hand, before a program of the key hold is ready, while all are, and while they
# let go: nothing is held any more, at once, and the next run is a good one.
. "$(dirname "$0")/stage.sh"
mkdir -p /srv/d /srv/programs /srv/still
echo x | tee /srv/d/file >/srv/still/file
here=/srv/programs
undo() {
    systemctl stop 'igotchuu-hold-*' 'igotchuu-prepare@*'
    fsfreeze --unfreeze /mnt/held
    rm -rf /srv/programs /srv/still
}

# Freezes a file system of its own: who is thawed can be written to. It hangs where $here says so: "ready" before all are ready, "snapshot" when they are, "deaf" once
# they are told to let go.
new_btrfs /mnt/held
cat >$here/freeze <<'SH'
#!/bin/sh -eu
here=/srv/programs
trap 'fsfreeze --unfreeze /mnt/held || exit 1' EXIT
trap 'exit 1' TERM
fsfreeze --freeze /mnt/held
touch $here/frozen
echo READY
cat
[ ! -e $here/deaf ] || { touch $here/told; sleep infinity; }
SH
cat >$here/second <<'SH'
#!/bin/sh -eu
here=/srv/programs
[ ! -e $here/ready ] || { touch $here/waits; sleep infinity; }
echo READY
cat
SH
cat >$here/prepare <<'SH'
#!/bin/sh -eu
here=/srv/programs
[ ! -e $here/snapshot ] || { touch $here/waits; sleep infinity; }
echo /srv/still
SH
chmod +x $here/{freeze,second,prepare}
stand_in <<<'echo "$summary"'
job d <<'TOML'
sources = ["/srv/d"]
repositories = ["stand-in"]
snapshot = "command"
prepare = ["/srv/programs/prepare"]
hold = [["/srv/programs/freeze"], ["/srv/programs/second"]]
TOML
reload
remember_host

# at WHERE COMMAND…: a run that stands still there, begun by COMMAND
at() {
    local where=$1 sign=waits
    shift
    [ "$where" != deaf ] || sign=told
    rm -f $here/{ready,snapshot,deaf,frozen,waits,told}
    touch "$here/$where"
    systemctl reset-failed
    "$@"
    await 30 "the run to stand still at $where" test -e $here/$sign
    [ -e $here/frozen ] || fail 'this test tests nothing'
}
number=0
thawed() { # who writes to what is frozen cannot even be killed
    number=$((number + 1))
    touch "/mnt/held/$number" &
    await 5 "$1 to thaw it" test -e "/mnt/held/$number"
}
no_unit_left() { [ -z "$(systemctl list-units --no-legend --all 'igotchuu-hold-*' 'igotchuu-prepare@*')" ] || fail "$1: a unit is left"; }
next_is_good() {
    rm -f $here/{ready,snapshot,deaf}
    systemctl start igotchuu@d
    assert_outcome d success
    no_unit_left "the run after $1"
    assert_host_as_before
}
nothing_left() {
    no_unit_left "$1"
    assert_host_as_before
    next_is_good "$1"
}

for where in ready snapshot deaf; do
    at $where systemctl start --no-block igotchuu@d
    began=$SECONDS
    systemctl stop igotchuu@d
    ((SECONDS - began < 40)) || fail "the stop at $where took $((SECONDS - began)) s"
    thawed "a stop at $where"
    assert_outcome d stopped
    nothing_left "a stop at $where"

    at $where systemctl start --no-block igotchuu@d
    systemctl kill --kill-whom=main --signal=KILL igotchuu@d
    [ $where = deaf ] || thawed "SIGKILL at $where"                 # by the kernel, whatever becomes of the unit
    wait_for_state igotchuu@d failed
    thawed "the end after SIGKILL at $where"
    assert_outcome d killed
    nothing_left "SIGKILL at $where"

    # With all of the unit the one is killed that would tidy: what does not listen is ended by the next run, or by its own time.
    at $where systemctl start --no-block igotchuu@d
    systemctl kill --kill-whom=all --signal=KILL igotchuu@d
    [ $where = deaf ] || thawed "SIGKILL of all at $where"
    wait_for_state igotchuu@d failed
    next_is_good "SIGKILL of all at $where"
    thawed "the run after SIGKILL of all at $where"
done

# By hand there is nobody who would tidy, either.
by_hand() { /usr/libexec/igotchuu-exec backup d 2>/dev/null & }
killed_at() {
    at "$1" by_hand
    kill -KILL $!
    wait $! || true
}
killed_at snapshot
thawed 'SIGKILL of a run by hand'
systemctl stop igotchuu-prepare@d                                   # the snapshot's programs are the next run's to clean up
rm $here/snapshot
systemctl start igotchuu@d
nothing_left 'SIGKILL of a run by hand'

killed_at deaf
state_is igotchuu-hold-1@d active || fail 'this test tests nothing'
rm $here/deaf
systemctl start igotchuu@d
assert_outcome d success
nothing_left 'the run after one that was killed by hand'

sed --in-place '$ahold-timeout = 3' /etc/igotchuu/jobs/d.toml
reload
killed_at deaf
await 20 'the end of its time' eval '! state_is igotchuu-hold-1@d active && ! state_is igotchuu-hold-1@d deactivating'
thawed 'the end of its time'
rm $here/deaf
systemctl start igotchuu@d
nothing_left 'the end of its time'
