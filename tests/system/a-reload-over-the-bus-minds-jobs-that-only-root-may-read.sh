#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A job file of mode 0600 is none that igotchuud can read: a reload over the bus succeeds beside it, and starts and stops its timer all the same.
. "$(dirname "$0")/stage.sh"

reload_over_the_bus() {
    busctl call com.nyantec.igotchuu /com/nyantec/igotchuu com.nyantec.igotchuu.Manager1 Reload || fail "the reload failed: $1"
    await 30 'the check of the units' eval '! state_is igotchuu-verify.service activating'
}
secret() { job secret <<<"sources = [\"/srv/d\"]$1" && chmod 0600 /etc/igotchuu/jobs/secret.toml; }

secret ''
reload_over_the_bus 'without a timer'
secret $'\n[timer]\nOnCalendar = "yearly"'
reload_over_the_bus 'with a timer'
wait_for_state igotchuu@secret.timer active
secret ''
reload_over_the_bus 'with a timer that is gone'
wait_for_state igotchuu@secret.timer inactive
reload_over_the_bus 'once more'
