#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Whatever has become of the state files, of the disks that they lie on, of journald and of the bus: the backup is made, the outcome is true, what can be
# written anew is, and what cannot is said in one line.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/x
stand_in <<<'echo backup >>$here/backups; echo "$summary"'
record=/var/lib/igotchuu/jobs/d.json
activity=/run/igotchuu/state/d.json

new_entries() { journalctl --sync; journalctl --quiet --output cat --unit igotchuu@d --cursor-file "$stage/cursor"; }

# backed_up WHAT [LINES]: a run of the unit succeeds, and says in LINES lines that something cannot be written.
backed_up() {
    local lines
    rm -f /srv/stand-in/backups
    new_entries >/dev/null
    systemctl start igotchuu@d || fail "$1: the run failed: $(systemctl status igotchuu@d)"
    [ "$(cat /srv/stand-in/backups)" = backup ] || fail "$1: no backup"
    lines=$(new_entries | grep 'the run goes on' || true)
    [ "$(grep --count . <<<"$lines")" = "${2-0}" ] || fail "$1: it says: $lines"
    assert_host_as_before
}

systemctl start igotchuu@d
remember_host
sound=$(cat $record)
spoil() {                                                         # FILE HOW
    rm -rf "$1"
    case $2 in
    truncated) printf %s "${sound:0:200}" >"$1" ;;
    empty) : >"$1" ;;
    garbage) head --bytes 5000 /dev/urandom >"$1" ;;
    deep) head --bytes 500000 /dev/zero | tr '\0' '[' >"$1" ;;
    older) printf '{"schema":0,"job":"d","file":"","history":[]}' >"$1" ;;
    newer) printf '{"schema":99,"job":{"name":"d"},"runs":[]}' >"$1" ;;
    gigabyte) truncate --size 1G "$1" ;;
    fifo) mkfifo "$1" ;;
    link) ln --symbolic /etc/machine-id "$1" ;;
    socket) python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$1" ;;
    directory) mkdir "$1" ;;
    esac
}
machine=$(cat /etc/machine-id)
for how in truncated empty garbage deep older newer gigabyte fifo link socket; do
    spoil $record $how
    spoil $activity $how
    backed_up "$how"
    assert_outcome d success
    [ "$(jq '.history | length' $record)" = 1 ] || fail "$how: the record was not begun anew"
    [ "$(stat --format '%F %a %U:%G' $record)" = 'regular file 640 root:igotchuu' ] || fail "$how: $(stat $record)"
done
[ "$(cat /etc/machine-id)" = "$machine" ] || fail 'a link was followed'
spoil $record directory
spoil $activity directory
remember_host
backed_up 'a directory in their places' 2
journal_of igotchuu@d | grep --quiet "cannot write $record: Is a directory" || fail 'which file it is'
rmdir $record $activity
remember_host
backed_up 'sound again'
assert_outcome d success

small_disk() {                                                    # DIRECTORY: a small one in its place, full but for the directories
    mkdir "$stage/old"
    cp --archive "$1/." "$stage/old"
    mount -t tmpfs -o size=64k,mode=0755 tmpfs "$1"
    cp --archive "$stage/old/." "$1"
    rm -rf "$stage/old"
    ! dd if=/dev/zero of="$1/filler" bs=1k 2>/dev/null || fail 'it is not full'
}
small_disk /var/lib/igotchuu
remember_host
backed_up 'a full disk below /var/lib' 1
mount -o remount,ro /var/lib/igotchuu
remember_host
backed_up 'a read-only disk below /var/lib' 1
umount /var/lib/igotchuu
small_disk /run/igotchuu
remember_host
backed_up 'no space in /run' 1
assert_outcome d success
umount /run/igotchuu
mount --bind /var/lib/igotchuu /var/lib/igotchuu
mount -o remount,bind,ro /var/lib/igotchuu
remember_host
systemctl start igotchuu@d || fail 'a read-only bind mount'
umount /var/lib/igotchuu
remember_host

admin <<<$'[Service]\nInaccessiblePaths=/run/dbus\nEnvironment=TZ=:Nowhere/At+all'
backed_up 'no bus, and an odd time zone'
assert_outcome d success
rm /etc/systemd/system/igotchuu@d.service.d/60-admin.conf
systemctl daemon-reload

journald='systemd-journald.service systemd-journald.socket systemd-journald-dev-log.socket'
journald_back() { systemctl --quiet unmask --runtime $journald; systemctl start $journald; }
undo() { journald_back; }
systemctl --quiet mask --runtime --now $journald 2>/dev/null
remember_host
invocations() { jq --raw-output '.history[0].invocation_id' $record; }
before=$(invocations)
systemctl start igotchuu@d || fail 'without journald: the run failed'
[ "$(invocations)" != "$before" ] || fail 'without journald: no record'
assert_outcome d success
assert_host_as_before
(exec /usr/libexec/igotchuu-exec backup d) 2>"$stage/said" || fail 'by hand without journald'
assert_says "$(cat "$stage/said")" 'journal'
assert_says "$(cat "$stage/said")" 'Backup of d complete'
journald_back
