#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Whatever becomes of a run, and though igotchuud was not even there when it began: who listens hears one begin, and one end that is true, on the interface
# of the first igotchuu, on its typed form and on the job's own.
. "$(dirname "$0")/stage.sh"

systemctl stop igotchuud
listen
new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/x
stand_in <<'SH'
case $(cat /srv/d/x) in
x) for done in 0.1 0.5 0.9; do
    echo '{"message_type":"status","percent_done":'$done',"total_files":2,"files_done":1,"current_files":["/srv/d/secret"]}'
    sleep 0.6 # longer than what is said at most twice a second
done; echo "$summary" ;;
partial) echo '{"message_type":"error","error":{"message":"open /srv/d/secret: input/output error"},"during":"archival","item":"/srv/d/secret"}' >&2
    echo "$summary"; exit 3 ;;
failed) echo '{"message_type":"exit_error","code":1,"message":"/srv/d/secret is odd"}' >&2; exit 1 ;;
*) exec sleep infinity ;;
esac
SH
systemctl start igotchuu@d
for outcome in partial failed; do
    echo $outcome >/srv/d/x
    systemctl start igotchuu@d || true
    assert_outcome d $outcome
done
echo wait >/srv/d/x
systemctl start --no-block igotchuu@d
wait_for_phase d restic
systemctl stop igotchuu@d
systemctl start --no-block igotchuu@d
wait_for_phase d restic
systemctl kill --kill-whom=main --signal=KILL igotchuu@d
wait_for_state igotchuu@d failed
# these are over in no time: igotchuud is still on its way
await 60 'the end of them' heard_at_least RunEnded 5
systemctl stop igotchuud
admin <<<$'[Service]\nLoadCredential=key:/nowhere'
systemctl start igotchuu@d || true
assert_outcome d failed
assert_says "$(last d .message)" 'a credential that its unit names'
rm /etc/systemd/system/igotchuu@d.service.d/60-admin.conf
systemctl daemon-reload
await 60 'the end of them' heard_at_least RunEnded 6
systemctl stop igotchuud
job d <<<'source = ["/srv/d"]'
systemctl start igotchuu@d || true
await 60 'the end of them' heard_at_least RunEnded 7
assert_heard 'd success
d partial
d failed
d stopped
d killed
d failed
d bad-configuration'
[ "$(count_heard Progress)" -ge 6 ] || fail 'too little was said on the way'
! grep secret "$stage/heard" || fail 'a name was told'
jq --exit-status 'select(.[3] == "BackupComplete" and .[2] == "com.nyantec.igotchuu2")[4] | .[0] == 1 and .[12] == "'"$(printf '%064d' 7)"'" and .[13] == false' \
    <(grep -v ready "$stage/heard") >/dev/null || fail 'the numbers of the summary are not those of restic'

# what is read is what was said
property() { busctl get-property com.nyantec.igotchuu /com/nyantec/igotchuu/job/d com.nyantec.igotchuu.Job1 "$1"; }
[ "$(property LastResult)" = 's "bad-configuration"' ] || fail "LastResult is $(property LastResult)"
[ "$(property State)" = 's "idle"' ] || fail "State is $(property State)"
[ "$(property LastSuccessTimestamp)" = "t $(jq '.last_success.ended_usec' /var/lib/igotchuu/jobs/d.json)" ] || fail "LastSuccessTimestamp is $(property LastSuccessTimestamp)"
