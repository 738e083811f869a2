#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# wait.unmetered, as NetworkManager says it: metered, or guessed to be, is not now; all else runs. One that is not there, does not know, or does not answer holds up nothing.
. "$(dirname "$0")/stage.sh"
name=org.freedesktop.NetworkManager path=/org/freedesktop/NetworkManager
policy=/etc/dbus-1/system.d/networkmanager-stand-in.conf
reload_bus() { busctl --quiet call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus ReloadConfig; }
undo() {
    systemctl --quiet kill --signal=CONT networkmanager-stand-in
    systemctl --quiet stop networkmanager-stand-in
    rm -f $policy
    reload_bus
}

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/file
stand_in <<'SH'
echo "$summary"
SH
job d <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]\nwait.unmetered = true'
admin <<<$'[Service]\nRestartSec=200ms\nRestartSteps=0\nRestartMaxDelaySec=infinity' # each try is a minute after the one before: too long for a test
reload

# Nobody there: it is not known, and nobody waits.
systemctl start igotchuu@d
assert_outcome d success

# The stand-in has NetworkManager's own place on the bus: root may own the name, everybody may ask.
cat >$policy <<XML
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <policy user="root"><allow own="$name"/></policy>
  <policy context="default"><allow send_destination="$name"/></policy>
</busconfig>
XML
reload_bus
systemd-run --quiet --collect --unit=networkmanager-stand-in python3 -m dbusmock --system $name $path $name
there() { busctl --quiet call $name $path org.freedesktop.DBus.Peer Ping 2>/dev/null; }
await 30 'the stand-in' there
busctl --quiet call $name $path org.freedesktop.DBus.Mock AddProperty ssv $name Metered u 0
metered() { busctl --quiet call $name $path org.freedesktop.DBus.Mock UpdateProperties 'sa{sv}' $name 1 Metered u "$1"; }
tried() { [ "$(journalctl --quiet --output cat --unit igotchuu@d --since "@$begun" --grep 'cannot run now: the network is metered' | wc --lines)" -ge 2 ]; }

for metered in 1 3; do # yes, guessed yes; then no, guessed no
    metered $metered
    begun=$EPOCHREALTIME
    systemctl start --no-block igotchuu@d
    await 30 "two tries at Metered $metered" tried
    assert_outcome d not-now
    metered $((metered == 1 ? 2 : 4))
    wait_for_state igotchuu@d inactive
    assert_outcome d success
done
metered 0 # unknown
systemctl start igotchuu@d
assert_outcome d success

# It hangs: the run goes on after the three seconds that an answer may take. Not before: it was really asked.
metered 1
systemctl kill --signal=STOP networkmanager-stand-in
begun=$SECONDS
systemctl start igotchuu@d
assert_outcome d success
took=$((SECONDS - begun))
[ $took -ge 2 ] || fail 'nobody was asked'
[ $took -le 15 ] || fail "a NetworkManager that hangs has held it up for $took s"
