#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A backup was a success, and proven. Then its data are damaged, and igotchuu-exec prove finds that: it is no good backup any more, also on the bus, nothing older is removed for
# its sake, and the next run does not believe in it.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
for number in 1 2 3; do head --bytes 100k /dev/urandom >/srv/d/$number; done
cheap_repository r
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r"]\nprove = "full"\nobjective-hours = 5\nkeep.last = 1'
reload
exec=/usr/libexec/igotchuu-exec
damage() {                                                        # REPOSITORY
    find "/srv/cheap/$1/data" -type f -size +64k | while read -r pack; do
        python3 -c 'import os, sys; os.chmod(sys.argv[1], 0o600); f = open(sys.argv[1], "r+b"); f.seek(5000); b = f.read(1)[0]; f.seek(5000); f.write(bytes([b ^ 1]))' "$pack"
    done
}
property_is() { [ "$(busctl get-property com.nyantec.igotchuu /com/nyantec/igotchuu/job/d com.nyantec.igotchuu.Job1 "$1")" = "$2" ]; }

systemctl start igotchuu@d
assert_outcome d success
$exec fresh d >/dev/null || fail 'a backup that was just made is not fresh'
await 10 'the success on the bus' property_is LastResult 's "success"'
listen
damage r
! said=$($exec prove d 2>&1) || fail "damaged, and proven: $said"
assert_says "$said" 'restic cannot read the backup'
assert_outcome d disproved
assert_says "$(last d .message)" 'r: restic cannot read the backup'
[ "$(last d .repositories[0].proof.finding)" = disproved ] || fail 'the record has another proof'
[ "$(jq .last_success /var/lib/igotchuu/jobs/d.json)" = null ] || fail 'it is the last success'
await 10 'the bus to know' property_is LastResult 's "disproved"'
property_is LastSuccessTimestamp 't 0' || fail 'it is the last success on the bus'
told=$(grep PropertiesChanged "$stage/heard" | jq --compact-output '.[4][1] | select(.LastResult) | [.LastResult, .LastSuccessTimestamp, .LastRepositories[0][1]]')
[ "$told" = '["disproved",0,"disproved"]' ] || fail "listeners were told: $told"
! said=$($exec fresh d 2>&1) || fail "disproved, and fresh: $said"
assert_says "$said" 'disproved'
! said=$(igotchuu status d) || fail "disproved, and status is content: $said"
! said=$($exec retention --confirm d 2>&1) || fail "old backups are removed: $said"
assert_says "$said" 'is disproved, and the older ones may be the good ones'

next_second
! systemctl start igotchuu@d || fail 'made of what is damaged, it is a success'
assert_outcome d disproved
await 10 'the bus to know of the run' property_is LastInvocationID "s \"$(last d .invocation_id)\""
property_is LastSuccessTimestamp 't 0' || fail 'there is a success on the bus'
[ "$(on_r snapshots --json | jq length)" = 2 ] || fail 'something was removed'

# So it is with one whose run has left the history, by the first digits of its id: it is not the last proven one any more, and the next backup is proved at once.
cheap_repository s
job e <<<$'sources = ["/srv/d"]\nrepositories = ["s"]\nprove = "full"'
reload
systemctl start igotchuu@e
assert_outcome e success
id=$(newest e)
[ "$(jq --raw-output '.proven[0].snapshot_id' /var/lib/igotchuu/jobs/e.json)" = "$id" ] || fail 'it is not the last proven one'
jq --compact-output 'del(.last_success) | .history = []' /var/lib/igotchuu/jobs/e.json >"$stage/record"
cat "$stage/record" >/var/lib/igotchuu/jobs/e.json
damage s
! said=$($exec prove e "${id:0:8}" 2>&1) || fail "damaged, and proven: $said"
assert_says "$said" 'restic cannot read the backup'
[ "$(jq .proven /var/lib/igotchuu/jobs/e.json)" = null ] || fail 'it is still the last proven one'
next_second
! systemctl start igotchuu@e || fail 'made of what is damaged, it is a success'
[ "$(last e .repositories[0].proof.finding)" = disproved ] || fail "the next backup was not proved: $(last e .)"
