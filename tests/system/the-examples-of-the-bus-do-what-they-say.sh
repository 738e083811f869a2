#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# com.nyantec.igotchuu(5): its commands watch, start and stop a backup; its rule of polkit lets alice do so with hers, and nobody else, and nothing more.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo file >/srv/d/file
stand_in <<<'exec sleep 1000'
for name in home home-alice; do
    job $name <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]'
done
reload
user alice
user bob
rule=$(example com.nyantec.igotchuu.5.scd.in '// /etc/polkit-1/rules.d/')
rule_file=$(sed -n '1s,^// ,,p' <<<"$rule")
undo() { rm -f "$rule_file"; userdel alice; userdel bob; }

# A line at a time. What watches does so until the end.
example com.nyantec.igotchuu.5.scd.in 'I=' >"$stage/example"
while IFS= read -r line; do
    case $line in
    *' Stop') wait_for_phase home restic ;; # nobody is quicker by hand
    esac
    case $line in
    'busctl monitor'*)
        eval "$line" >"$stage/monitor" 2>&1 &
        await 20 'the monitor' grep --quiet --no-messages 'Monitoring bus' "$stage/monitor"
        ;;
    *)
        eval "$line" >>"$stage/said" || fail "the manual says: $line"
        last_line=$line
        ;;
    esac
done <"$stage/example"
assert_says "$(cat "$stage/said")" '"home" "idle" "/com/nyantec/igotchuu/job/home"'
wait_for_state igotchuu@home failed
assert_outcome home stopped
for member in RunStarted RunEnded; do
    await 20 "$member" grep --quiet "Member=$member" "$stage/monitor"
done
known_as_stopped() { [ "$(eval "$last_line")" = 's "stopped"' ]; }
await 20 'the last result' known_as_stopped

# call USER JOB METHOD
call() {
    runuser -u "$1" -- busctl call com.nyantec.igotchuu "/com/nyantec/igotchuu/job/${2//-/_2d}" com.nyantec.igotchuu.Job1 "$3" \
        2>&1
}
may() { said=$(call "$@") || fail "$* is refused: $said"; }
may_not() {
    ! said=$(call "$@") || fail "$* is allowed"
    assert_says "$said" 'polkit does not let you'
}
may_not alice home-alice Start
printf '%s\n' "$rule" >"$rule_file"
allowed() { call alice home-alice Start >/dev/null; }
await 20 'polkit to read the rule' allowed
wait_for_phase home-alice restic
may_not bob home-alice Stop
may_not alice home-alice GetSources
may_not alice home Start
state_is igotchuu@home-alice activating || fail 'the backup does not run any more'
may alice home-alice Stop
wait_for_state igotchuu@home-alice failed
assert_outcome home-alice stopped
may_not bob home-alice Start
