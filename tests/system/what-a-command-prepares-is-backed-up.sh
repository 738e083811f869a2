#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# snapshot = "command": the admin's programs run in the host's namespace, as their user, one before and one after the backup; what prepare names, prints or
# has as a unit is what is in the backup, under the paths of the sources. The manual's examples do so, too.
. "$(dirname "$0")/stage.sh"
user helper
mkdir -p /srv/mail /srv/wiki /srv/programs
restic() { command restic --repo "$restic_repository" --password-file "$restic_repository.key" --quiet --no-cache "$@"; }
in_backup() { [ "$(restic dump latest "$1")" = "$2" ] || fail "$1 is not \"$2\" in the backup"; }
no_marks() { [ -z "$(ls -A /var/lib/igotchuu/prepared)" ] || fail "a mark is left: $(ls /var/lib/igotchuu/prepared)"; }

# a copy of each source on a tmpfs that only the host's PID 1 mounts; live files change behind it
cat >/srv/programs/still <<'SH'
#!/bin/bash -eu
[ "$1" = "100% \$HOME" ]
echo "$2 $(id --user --name) $(readlink /proc/self/ns/mnt) $IGOTCHUU_JOB ${#IGOTCHUU_INVOCATION}" >>/srv/programs/log
case $2 in
prepare)
    mkdir -p /run/still
    mount -t tmpfs still /run/still
    while IFS= read -r source; do
        cp --archive "$source" /run/still
        echo changed >"$source/file"
        printf '%s\t%s\n' "$source" "/run/still/${source##*/}"
    done <<<"$IGOTCHUU_SOURCES"
    echo 'a word on standard error' >&2 ;;
cleanup) umount /run/still ;;
esac
SH
chmod +x /srv/programs/still
echo still >/srv/mail/file
echo still >/srv/wiki/file
job two <<'TOML'
sources = ["/srv/wiki", "/srv/mail"]
snapshot = "command"
prepare = ["/srv/programs/still", "100% $HOME", "prepare"]
cleanup = ["/srv/programs/still", "100% $HOME", "cleanup"]
TOML
reload
remember_host
systemctl start igotchuu@two
assert_outcome two success
in_backup /srv/mail/file still
in_backup /srv/wiki/file still
[ "$(cat /srv/mail/file)" = changed ] || fail 'the live file is not what the test believes'
host_namespace=$(readlink /proc/1/ns/mnt)
diff - /srv/programs/log <<<"prepare root $host_namespace two 32
cleanup root $host_namespace two 32"
[ "$(last two '[.sources[].method] | join(" ")')" = 'command command' ] || fail "recorded: $(last two .sources)"
journalctl --sync
assert_says "$(journal_of igotchuu@two)" 'prepare: a word on standard error'
assert_says "$(journal_of igotchuu@two)" '/srv/mail is frozen by command'
assert_says "$(journal_of igotchuu-prepare@two)" 'igotchuu: prepare of two'
no_marks
assert_host_as_before

# one source: its line may be the directory alone; another user; a file system mounted in what was prepared is named
install -d -o helper /srv/programs/helpers
printf '#!/bin/sh\nid --user --name >/srv/programs/helpers/$1\nmkdir -p /srv/programs/helpers/still/inner\necho helped >/srv/programs/helpers/still/file\necho /srv/programs/helpers/still\n' |
    install -m 0755 /dev/stdin /srv/programs/help
job one <<'TOML'
sources = ["/srv/mail"]
snapshot = "command"
prepare = ["/srv/programs/help", "prepare"]
cleanup = ["/srv/programs/help", "cleanup"]
prepare-user = "helper"
TOML
reload
systemctl start igotchuu@one
assert_outcome one success
in_backup /srv/mail/file helped
[ "$(cat /srv/programs/helpers/prepare /srv/programs/helpers/cleanup)" = $'helper\nhelper' ] || fail 'not as its user'
mount -t ramfs inner /srv/programs/helpers/still/inner
systemctl start igotchuu@one && fail 'what is missing is a success'
assert_outcome one partial
assert_says "$(last one .message)" 'another file system is mounted on /srv/mail/inner: it is not in the backup'
umount /srv/programs/helpers/still/inner
no_marks

# a unit, which stays active while it is needed and has a cleanup of its own
cat >/etc/systemd/system/still-mail.service <<'UNIT'
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'mkdir -p /run/still && mount -t tmpfs still /run/still && echo unit >/run/still/file'
ExecStop=/bin/umount /run/still
UNIT
job unit <<'TOML'
sources = ["/srv/mail"]
snapshot = "command"
prepare = ["still-mail.service"]
prepared = ["/run/still"]
TOML
reload
for round in first second; do
    systemctl start igotchuu@unit
    assert_outcome unit success
    in_backup /srv/mail/file unit
    state_is still-mail.service inactive || fail "the unit is left running after the $round run"
done
systemctl start still-mail.service
systemctl start igotchuu@unit && fail 'what somebody else has prepared, whenever that was, is a success'
assert_says "$(last unit .message)" 'prepare failed: still-mail.service is running already'
assert_says "$(last unit .message)" 'systemctl stop still-mail.service'
systemctl stop still-mail.service
no_marks

# restic, who is root, comes to what was prepared through the source alone, where it is read-only
stand_in <<<'echo x >/run/still/written && touch $here/wrote; [ -e /srv/mail/file ] && touch $here/read; echo "$summary"'
job d <<<$'sources = ["/srv/mail"]\nrepositories = ["stand-in"]\nsnapshot = "command"\nprepare = ["still-mail.service"]\nprepared = ["/run/still"]'
reload
systemctl start igotchuu@d
[ -e /srv/stand-in/read ] || fail 'this test tests nothing'
[ ! -e /srv/stand-in/wrote ] || fail 'restic has written into what was prepared'
umount /usr/bin/restic
rm -rf /srv/mail

# the examples of the manual
new_btrfs /mnt/top
new_source /mnt/top mail /srv/mail
echo example >/srv/mail/file
example igotchuu.job.5.scd '#!/bin/sh -eu
# /usr/local/sbin/mail-snapshot' | install -D -m 0755 /dev/stdin /usr/local/sbin/mail-snapshot
example igotchuu.job.5.scd '# /etc/igotchuu/jobs/mail.toml' | job mail
example igotchuu.job.5.scd '# /etc/igotchuu/jobs/mail-copy.toml' | job mail-copy
reload
remember_host
for job in mail mail-copy; do
    systemctl start igotchuu@$job
    assert_outcome $job success
    in_backup /srv/mail/file example
    assert_host_as_before
done
no_marks
systemctl stop 'igotchuu@*'
rm -rf /srv/programs /usr/local/sbin/mail-snapshot /var/backups/mail /run/still /etc/systemd/system/still-mail.service
