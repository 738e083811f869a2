#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The directory of the jobs is for root alone: what runs is told all the same, and who asks for the jobs is told why not; no timer is stopped for it. And a unit that the
# administrator has masked is no reason to refuse a reload.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
stand_in <<'SH'
echo "$summary"
SH
manager() { timeout 20 busctl call com.nyantec.igotchuu /com/nyantec/igotchuu com.nyantec.igotchuu.Manager1 "$@" 2>&1; }
job t <<<$'sources = ["/srv/d"]\n[timer]\nOnCalendar = "yearly"'
manager Reload
state_is igotchuu@t.timer active || fail 'the timer is not there'

unreadable() {
    for call in Reload 'Start s nobody' ListRepositories; do
        # shellcheck disable=SC2086
        ! said=$(manager $call) || fail "$call went well"
        assert_says "$said" '/etc/igotchuu/'
        assert_says "$said" 'Permission denied; it and what it lies in need chmod a+rx'
    done
    state_is igotchuu@t.timer active || fail 'the timer was stopped'
}
chmod 0700 /etc/igotchuu
unreadable
systemctl restart igotchuud
unreadable
listen
systemctl start igotchuu@d
await 30 'the end' heard_at_least RunEnded 1
assert_heard 'd success'
chmod 0755 /etc/igotchuu
manager Reload
assert_says "$(manager ListJobs)" '"t" "idle"'

systemctl mask --runtime --now --quiet igotchuu@t.timer igotchuu-verify.service
manager Reload || fail 'a masked unit makes a reload fail'
! state_is igotchuu@t.timer active || fail 'a masked timer was started'
systemctl unmask --runtime --quiet igotchuu@t.timer igotchuu-verify.service
