#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# polkit's rules find a job by the name that it has on the bus, whichever interface is called: also that of one whose file has no UTF-8 name.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
stand_in <<'SH'
: >$here/begun
while :; do sleep 0.02; done
SH
instance='\xc3\xa9\xff'
job $'\xc3\xa9\xff' </etc/igotchuu/jobs/d.toml
reload
undo() { rm -f /etc/polkit-1/rules.d/50-test.rules; }
cat >/etc/polkit-1/rules.d/50-test.rules <<'RULE'
polkit.addRule(function (action, subject) {
    if (action.id == "com.nyantec.igotchuu.stop" && subject.user == "nobody" && action.lookup("job") == "\\xc3\\xa9\\xff") {
        return polkit.Result.YES;
    }
    return polkit.Result.NOT_HANDLED;
});
RULE
systemctl restart polkit
for interface in Job1 1 2; do
    rm -f /srv/stand-in/begun
    systemctl start --no-block "igotchuu@$instance"
    await 30 'restic' test -e /srv/stand-in/begun
    case $interface in Job1) object=/job/_5cxc3_5cxa9_5cxff interface=.Job1 ;; *) object='' ;; esac
    setpriv --reuid=nobody --clear-groups --inh-caps=-all busctl call com.nyantec.igotchuu "/com/nyantec/igotchuu$object" "com.nyantec.igotchuu$interface" Stop
    wait_for_state "igotchuu@$instance" failed
    assert_outcome "$instance" stopped
    systemctl reset-failed "igotchuu@$instance"
done
