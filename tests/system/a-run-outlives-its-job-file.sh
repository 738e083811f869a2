#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# systemd #13032: the unit's file vanished in mid-run, its timeout fell back to 90 s, and the job was killed. Also with a job that changes. And on the bus, where a job without a
# file is seen, and can be stopped, as long as it runs or waits.
. "$(dirname "$0")/stage.sh"
job=/etc/igotchuu/jobs/going.toml unit=igotchuu@going.service payload=/run/systemd/system/igotchuu@.service.d/90-payload.conf
gate=/run/igotchuu-test-gate cleaned=/run/igotchuu/cleaned
undo() { rm -f $payload $gate $cleaned; umount /sys/class/power_supply; }

mkdir -p "$(dirname $job)" "$(dirname $payload)"
mkfifo $gate
cat >$payload <<UNIT
[Service]
ExecStart=
ExecStart=/bin/cat $gate
ExecStopPost=
ExecStopPost=/bin/touch $cleaned
UNIT
properties() { systemctl show --property=Type,KillMode,TimeoutStartUSec,TimeoutStopUSec,ExecStopPost,RestartMode $unit | sed 's/start_time=.*//'; }

for change in 'rm $job' 'echo "sources = [\"/srv\"]" >$job'; do
    rm -f $cleaned
    echo 'sources = ["/home"]' >$job
    systemctl daemon-reload
    systemctl start $unit & run=$!
    exec {writer}>$gate                         # returns when the payload is there
    before=$(properties)
    eval "$change"
    systemctl daemon-reload
    [ "$(properties)" = "$before" ]
    [ "$(systemctl is-active $unit)" = activating ]
    exec {writer}>&-
    wait $run
    [ -e $cleaned ]
done
rm $payload

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
stand_in <<<$'trap "exit 130" INT\nwhile :; do sleep 0.05; done'
call() { busctl call com.nyantec.igotchuu "$@"; }
described() { [ "$(busctl get-property com.nyantec.igotchuu /com/nyantec/igotchuu/job/d com.nyantec.igotchuu.Job1 Configured)" = "b $1" ]; }
declare -A mains=([running]=false [waiting]=true)
unplugged
for state in running waiting; do
    printf 'sources = ["/srv/d"]\nrepositories = ["stand-in"]\nwait.mains-power = %s\n' ${mains[$state]} | job d
    reload
    await 10 'the job on the bus' described true
    systemctl start --no-block igotchuu@d
    is() { call /com/nyantec/igotchuu com.nyantec.igotchuu.Manager1 ListJobs | grep --quiet "\"d\" \"$state\""; }
    await 30 "it to be $state" is
    rm /etc/igotchuu/jobs/d.toml
    systemctl daemon-reload
    await 10 'the end of its file' described false
    is || fail "without a file it is not $state: $(call /com/nyantec/igotchuu com.nyantec.igotchuu.Manager1 ListJobs)"
    call /com/nyantec/igotchuu/job/d com.nyantec.igotchuu.Job1 Stop || fail "$state, it cannot be stopped"
    await 30 'its end' eval '[[ $(systemctl show --property ActiveState --value igotchuu@d) = @(inactive|failed) ]]'
done
