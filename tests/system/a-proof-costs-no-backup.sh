#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A proof that is stopped, takes too long, does not reach the repository or is told nonsense: the backup stands, is a success, and is said to be unproven. One that is
# killed leaves nothing, and what was restored is nowhere.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/canary
cheap_repository r
prove() { job d <<<$'sources = ["/srv/d"]\nrepositories = ["r"]\nprove = "full"\nprove-every-days = 0\n'"${1-}" && reload; }
prove
assert_unproven() {                                               # WHY
    assert_outcome d success
    assert_exit igotchuu@d 0
    [ "$(last d .repositories[0].proof.finding)" = unproven ] || fail "it is $(last d .repositories[0].proof.finding)"
    assert_says "$(last d .repositories[0].proof.why)" "$1"
    assert_says "$(journal_of igotchuu@d)" 'stands, and is not proven'
    [ "$(jq .proven /var/lib/igotchuu/jobs/d.json)" = null ] || fail 'it is the last proven one'
    assert_host_as_before
}

for word in --dry-run --no-cache; do
    held_at $word
    remember_host
    next_second
    systemctl start --no-block igotchuu@d
    wait_for_phase d prove
    await 30 'restic to wait' pgrep --full "^/bin/sh -p /usr/bin/restic .*$word" >/dev/null
    systemctl stop igotchuu@d
    assert_unproven 'it was stopped'
    [ -e "/srv/cheap/r/snapshots/$(newest d)" ] || fail 'the backup is not there'

    next_second
    systemctl start --no-block igotchuu@d
    wait_for_phase d prove
    await 30 'restic to wait' pgrep --full "^/bin/sh -p /usr/bin/restic .*$word" >/dev/null
    systemctl kill --kill-whom=main --signal=KILL igotchuu@d
    wait_for_state igotchuu@d failed
    assert_outcome d killed
    assert_host_as_before
    [ -z "$(find /var/cache/igotchuu -name canary)" ] || fail 'what was restored is still there'
    systemctl reset-failed igotchuu@d
done
umount --lazy /usr/bin/restic

prove 'prove-minutes = 1'
held_at --dry-run
remember_host
next_second
systemctl start igotchuu@d
assert_unproven 'prove-minutes'
umount --lazy /usr/bin/restic
prove

# said SH: the real restic makes the backup, and this speaks in its place afterwards.
said() {
    umount --quiet --lazy /usr/bin/restic || true
    install -m 0755 /dev/stdin "$stage/said" <<SH
#!/bin/sh -p
proof=
for word; do case \$word in restore | --dry-run | ls) proof=yes ;; esac; done
[ "\$proof" ] || exec /srv/held/restic "\$@"
$1
SH
    mount --bind "$stage/said" /usr/bin/restic
    remember_host
    next_second
    systemctl start igotchuu@d
}
said 'echo "Fatal: unable to open repository: dial tcp 192.0.2.1:443: connect: connection refused" >&2; exit 1'
assert_unproven 'nothing listens there'
said 'echo "{\"message_type\":\"verbose_status\",\"action\":"; head --bytes 100k /dev/urandom'
assert_unproven ''
said 'exit 2'
assert_unproven 'restic crashed'
said 'echo "Fatal: unknown flag: --dry-run" >&2; exit 1'
assert_unproven 'unknown flag'
said 'kill -SEGV $$'
assert_unproven 'ended by signal'
# What has no cache may be silent for longer than whoever has one: it reads all of the index first.
echo 'answer-timeout = 10' >>/etc/igotchuu/repositories/r.toml
reload
said 'case "$*" in *--no-cache*) sleep 12 ;; esac; exec /srv/held/restic "$@"'
assert_outcome d success
[ "$(last d .repositories[0].proof.finding)" = proven ] || fail "it was not waited for: $(last d .repositories[0].proof.why)"

umount --lazy /usr/bin/restic
remember_host
next_second
systemctl start igotchuu@d
assert_outcome d success
[ "$(last d .repositories[0].proof.finding)" = proven ] || fail "it is $(last d .repositories[0].proof.finding): $(last d .repositories[0].proof.why)"
assert_host_as_before
