#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Whatever the rules say, the last snapshot that was proven stays until a newer one is, also when a person confirms the plan; and --explain says why.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/x
cheap_repository r
prove() { job d <<<$'sources = ["/srv/d"]\nrepositories = ["r"]\nkeep.last = 1\nprove = "'"$1"'"' && reload; }
run() {
    date +%N >/srv/d/x
    next_second
    systemctl start igotchuu@d
    assert_outcome d success
}
ids() { on_r snapshots --json | jq --raw-output '.[].id' | sort; }
prove full
run
proven=$(last d .repositories[0].summary.snapshot_id)
recorded=$(last d '.repositories[0] | [.proof.finding, .proof.extent, .proof.files, .proof.bytes, .proof.restored, .repository, .summary.snapshot_id] | join(" ")')
[[ $recorded = 'proven full 1 10 1 r '* ]] || fail "recorded: $recorded"
in_journal() {
    [ "$(journalctl --quiet --output json MESSAGE_ID=c3471821a7034f8dbfc30cace9c305b8 "IGOTCHUU_INVOCATION=$(last d .invocation_id)" |
        jq --raw-output '[.IGOTCHUU_PROOF, .IGOTCHUU_PROOF_EXTENT, .IGOTCHUU_PROOF_FILES, .IGOTCHUU_PROOF_BYTES, .IGOTCHUU_PROOF_RESTORED, .IGOTCHUU_REPOSITORY, .IGOTCHUU_SNAPSHOT_ID] | join(" ")')" = "$recorded" ]
}
await 10 'the proof in the journal, as fields' in_journal

# Who asks how the job is hears of the repository that is the worst off: in a new one nothing was proven, and one that the job has no more is none of it.
cheap_repository s
user ada
proofs() { "$@" igotchuu status --json d | jq --raw-output '.jobs[0] | [.last_proven_usec, (.proven[] | .repository, .snapshot_id, .extent)] | join(" ")'; }
user_sees() { [ "$(proofs runuser --user ada --)" = "$1" ]; }
assert_proofs() {
    [ "$(proofs)" = "$1" ] || fail "status says $(proofs), not $1"
    await 10 "a user to see $1" user_sees "$1"
}
proven_usec=$(jq .proven[0].proven_usec /var/lib/igotchuu/jobs/d.json)
assert_proofs "$proven_usec r $proven full"
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r", "s"]\nprove = "full"'
assert_proofs " r $proven full"
said=$(igotchuu status d) || fail "$said"
assert_says "$said" 'd: proven in r '
assert_says "$said" ": full, 1 file (10 B), 1 of them restored; snapshot ${proven:0:8} of "
assert_says "$said" 'd: nothing in s was ever proven'
job d <<<$'sources = ["/srv/d"]\nrepositories = ["s"]\nprove = "full"'
assert_proofs ''
prove off
run
run
[ "$(ids)" = "$(printf '%s\n' "$proven" "$(last d .repositories[0].summary.snapshot_id)" | sort)" ] || fail "there are $(ids)"
assert_says "$(/usr/libexec/igotchuu-exec retention --explain d)" 'stays: last proven'
/usr/libexec/igotchuu-exec retention --confirm d
ids | grep --quiet "$proven" || fail 'the last proven one was removed by hand'

# One that misses a source is proven as far as it goes, and takes nobody's place.
job d <<<$'sources = ["/srv/d", "/srv/absent"]\nrepositories = ["r"]\nkeep.last = 1\nprove = "full"\nprove-every-days = 0' && reload
next_second
! systemctl start igotchuu@d 2>/dev/null || fail 'a source that is not there is no failure'
assert_outcome d partial
[ "$(last d .repositories[0].proof.finding)" = proven ] || fail "the rest is $(last d .repositories[0].proof.finding)"
prove off
run
ids | grep --quiet "$proven" || fail 'the last whole proven one gave way to one that misses a source'

# The one before stays for one run more: until the newer proof is on record.
prove full
sed --in-place '1i prove-every-days = 0' /etc/igotchuu/jobs/d.toml && reload
run
before=$(last d .repositories[0].summary.snapshot_id)
run
[ "$(ids)" = "$(printf '%s\n' "$before" "$(last d .repositories[0].summary.snapshot_id)" | sort)" ] || fail "there are $(ids)"

# The proof of a backup that misses a source holds for the next one that does, and not for one that is whole.
of() { job e <<<'sources = ['"$1"$']\nrepositories = ["r"]\nprove = "full"' && reload && next_second; }
proof_of_e() { last e '.repositories[0].proof.finding'; }
of '"/srv/d", "/srv/absent"'
! systemctl start igotchuu@e 2>/dev/null || fail 'a source that is not there is no failure'
[ "$(proof_of_e)" = proven ] || fail "the rest of e is $(proof_of_e)"
next_second
! systemctl start igotchuu@e 2>/dev/null || fail 'a source that is not there is no failure'
[ "$(proof_of_e)" = null ] || fail 'what misses a source is proved each time'
of '"/srv/d"'
systemctl start igotchuu@e
[ "$(proof_of_e)" = proven ] || fail 'the first whole backup is not proved'
