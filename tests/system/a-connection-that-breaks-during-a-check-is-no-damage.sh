#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# restic check calls all that it cannot read any more a fault of the repository: where only the connection broke the maintenance has failed, and the next one prunes; where it
# found a fault as well, the repository is damaged.
. "$(dirname "$0")/stage.sh"
undo() { umount --quiet /usr/bin/restic; }

mkdir -p /srv/stand-in
cat >/srv/stand-in/restic <<'SH'
#!/bin/sh -p
case $1 in version) echo 'restic 0.18.0 compiled with go1.24'; exit ;; features) exit ;; esac
case " $* " in
    *' prune '*) echo 'total prune:           3 blobs / 1.000 MiB' ;;
    *' check '*) . /srv/stand-in/check >&2 ;;
esac
SH
chmod +x /srv/stand-in/restic
mount --bind /srv/stand-in/restic /usr/bin/restic
install -D -m 0600 /dev/stdin /etc/igotchuu/password <<<secret
repository nas <<<$'location = "sftp:nas:/srv/restic"\npassword-file = "/etc/igotchuu/password"\n[maintenance]\ncheck-subset = "50%"'
reload

broken="echo 'Load(<data/b0204b6415>, 4195092, 0) failed: ssh command exited: exit status 255'
echo 'download error: circuit breaker open for file <data/b0204b6415>'"
end="echo 'Fatal: repository contains errors'
exit 1"
maintain_badly() { # WORDS DAMAGED
    ! systemctl start igotchuu-maintenance@nas 2>/dev/null || fail "a success, though: $(cat /srv/stand-in/check)"
    [ "$(last_maintenance nas .outcome)" = failed ] || fail "the outcome is $(last_maintenance nas .outcome)"
    assert_says "$(last_maintenance nas .message)" "$1"
    [ "$(jq .damaged /var/lib/igotchuu/repositories/nas.json)" = "$2" ] || fail "damaged is not $2: $(last_maintenance nas .message)"
}
printf '%s\n' "$broken" "$end" >/srv/stand-in/check
maintain_badly 'the connection to the server broke' false
! journal_of igotchuu-maintenance@nas | grep 'is damaged' || fail 'a broken connection is taken for damage'
true >/srv/stand-in/check
systemctl start igotchuu-maintenance@nas || fail "$(last_maintenance nas .message)"
[ "$(last_maintenance nas .bytes_freed)" = 1048576 ] || fail 'nothing was pruned'

printf '%s\n' "echo 'pack 60311ba143 contains 1 errors: [blob 1: ciphertext verification failed]'" "$broken" "$end" >/srv/stand-in/check
maintain_badly 'the repository is damaged' true
printf '%s\n' "$broken" "$end" >/srv/stand-in/check # it stays so
maintain_badly 'the connection to the server broke' true
[ "$(last_maintenance nas .bytes_freed)" = 0 ] || fail 'a damaged repository was pruned'
