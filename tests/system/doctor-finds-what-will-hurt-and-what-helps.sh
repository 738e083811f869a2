#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# igotchuu doctor: what will hurt later is a line each, with what helps; when that was typed, the line is gone. As a user, and without the bus, it never says that all is well about
# what it does not see. It starts no restic with a repository, and takes less than a second.
. "$(dirname "$0")/stage.sh"

undo() {
    systemctl unmask --quiet igotchuu@d.timer
    systemctl stop restic-backups-home.timer 'igotchuu@*.timer' 'igotchuu-maintenance@*.timer'
    rm -f /run/systemd/system/restic-backups-home.{timer,service} /etc/cron.d/{borgmatic,rsnapshot} /etc/cron.daily/{backupninja,restic}
    umount --quiet /var/lib/systemd/catalog/database
    mv "$stage/com.nyantec.igotchuu.policy" /usr/share/polkit-1/actions/
    chmod 0700 /var/cache/igotchuu
    rm -f /srv/link
    gpasswd --delete bob igotchuu
}
without_bus=(unshare --mount bash -c 'mount -t tmpfs none /run/dbus && mount --bind /dev/null /run/systemd/private && exec "$@"' _)
# The clock is the host's, and whether somebody sets that is the host's affair: here somebody does. And nspawn shows no more than a part of /sys.
on_a_host() {
    strace --quiet --follow-forks --output=/dev/null --trace=/adjtime --inject=/adjtime:retval=0 \
        unshare --mount bash -c 'mount -t sysfs none /sys && exec "$@"' _ "$@"
}
# examine [COMMAND…]: what it finds, a line each: "severity check about".
examine() {
    status=0
    on_a_host "$@" igotchuu doctor --json >"$stage/json" 2>"$stage/errors" || status=$?
    [ "$(wc --lines <"$stage/json")" = 1 ] && [ ! -s "$stage/errors" ] || fail "that is not one line of JSON: $(cat "$stage/json" "$stage/errors")"
    jq --raw-output '.found[] | "\(.severity) \(.check) \(.about)"' "$stage/json" >"$stage/found"
}
assert_found() { examine; diff - "$stage/found" || fail "that is not what is wrong: $(jq . "$stage/json")"; }
cure() { jq --raw-output --arg check "$1" '[.found[] | select(.check == $check).cure][0]' "$stage/json"; }
why() { jq --raw-output --arg check "$1" '[.found[] | select(.check == $check).why][0]' "$stage/json"; }
exits() { [ "$status" = "$1" ] || fail "it exits with $status, not $1: $(cat "$stage/json")"; }

echo '- no job'
systemd-tmpfiles --create igotchuu.conf
assert_found <<<'warning no-job jobs'
exits 3

echo '- a job of which all is well'
new_btrfs /mnt/top
new_source /mnt/top d /srv/d
new_btrfs /srv/elsewhere
stand_in <<<'echo "$summary"'
sed --in-place 's#/srv/stand-in"#/srv/elsewhere"#' /etc/igotchuu/repositories/stand-in.toml
printf 'maintenance = false\n' >>/etc/igotchuu/repositories/stand-in.toml
cp -r /srv/stand-in/snapshots /srv/elsewhere/
echo '{"schema":1,"repository":"stand-in","file":"/etc/igotchuu/repositories/stand-in.toml","recovery_key":{"id":"7","made_usec":1,"confirmed_usec":2}}' >/var/lib/igotchuu/repositories/stand-in.json
job d <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]\n[timer]\nOnCalendar = "yearly"'
igotchuu reload
systemctl start igotchuu@d
assert_found </dev/null
exits 0
[ "$(jq --raw-output .status "$stage/json")" = ok ] || fail "$(cat "$stage/json")"
said=$(on_a_host igotchuu doctor)
assert_says "$said" 'all is well: '
assert_says "$said" ' of 1 job, 1 source, 1 repository and 1 timer'

echo '- all at once: each is a line, the worst first'
btrfs quota enable /srv/d
btrfs --quiet subvolume create /srv/d/images
btrfs --quiet property set /srv/d/images ro true
mkdir -p /srv/d/.snapshots/1 /srv/d/usb
btrfs --quiet subvolume snapshot -r /srv/d /srv/d/.snapshots/1/snapshot # which is none of what is lost
new_btrfs /srv/d/usb
mkdir /srv/d/memory && mount -t tmpfs none /srv/d/memory
systemctl mask --quiet --now igotchuu@d.timer
echo '{"schema":1,"repository":"stand-in","file":"/etc/igotchuu/repositories/stand-in.toml","recovery_key":{"id":"7","made_usec":1}}' >/var/lib/igotchuu/repositories/stand-in.json
mkdir -p /srv/d/repository
cp -r /srv/elsewhere/snapshots /srv/d/repository/
printf 'location = "/srv/d/repository"\npassword-file = "/srv/stand-in/key"\nmaintenance = false\n' | repository beside
job beside <<<$'sources = ["/srv/d"]\nrepositories = ["beside"]\nexclude = ["/srv/d/usb", "/srv/d/images"]'
job default <<<$'sources = ["/srv/d"]\nlive = ["/srv/d/usb"]\nnested-read-only = true'
job wrong <<<$'sources = ["/srv/d"]\nexclud = []'
job lost <<<$'sources = ["/srv/lost"]\nrepositories = ["stand-in"]'
job link <<<$'sources = ["/srv/link"]\nrepositories = ["stand-in"]'
job plain <<<$'sources = ["/usr/share/perl"]\nrepositories = ["stand-in"]'
ln -sfn d /srv/link
mkdir -p /run/systemd/system
printf '[Timer]\nOnCalendar=yearly\n' >/run/systemd/system/restic-backups-home.timer
printf '[Service]\nType=oneshot\nExecStart=/bin/true\n' >/run/systemd/system/restic-backups-home.service
printf 'PATH = /usr/bin:/bin\n30 4 * * * root borgmatic\n' >/etc/cron.d/borgmatic
printf '# uncomment this:\n\t# 0 4 * * * root rsnapshot alpha\nMAILTO=""\n\n' >/etc/cron.d/rsnapshot # as its package has it
install -m 0644 /dev/null /etc/cron.daily/backupninja                                                # nobody runs that
install -m 0755 /dev/null /etc/cron.daily/restic
systemctl daemon-reload
systemctl start restic-backups-home.timer
job new <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]\nexclude = ["/srv/d"]' # and no reload
assert_found <<'FOUND'
critical job-file wrong
critical reload new
critical source link
critical source lost
critical source plain
critical one-disk beside
critical timer d
warning runs beside and 5 more
warning embedded-repository default
warning recovery-key beside
warning recovery-key stand-in
warning other-file-system d
warning read-only-subvolume d
warning quota-groups /srv/d
warning other-backup restic-backups-home.timer
warning other-backup /etc/cron.d/borgmatic
warning other-backup /etc/cron.daily/restic
FOUND
exits 1
assert_says "$(why other-file-system)" 'mounted on /srv/d/usb'
assert_says "$(why read-only-subvolume)" '1 read-only subvolume below /srv/d is in no backup'
assert_says "$(why read-only-subvolume)" /srv/d/images
said=$(on_a_host igotchuu doctor 2>&1) && fail 'it exits with 0'
assert_says "$said" "critical  d: igotchuu@d.timer is masked: nothing starts its backups (systemctl unmask igotchuu@d.timer && systemctl start igotchuu@d.timer)"
assert_says "$said" "igotchuu repository confirm stand-in"
! grep --quiet $'\e' <<<"$said" || fail 'there are colours in a pipe'

echo '- what it says helps'
eval "$(cure timer)"
eval "$(cure quota-groups)"
eval "$(cure other-backup | sed 's/.*: //')"
rm /etc/cron.d/borgmatic /etc/cron.daily/restic /etc/igotchuu/jobs/{wrong,lost,link,plain,beside,default}.toml /etc/igotchuu/repositories/beside.toml
eval "$(cure reload)"
sed --in-place 's#^sources.*#&\nlive = ["/srv/d/usb"]\nexclude = ["/srv/d/images"]#' /etc/igotchuu/jobs/d.toml
igotchuu reload
echo '{"schema":1,"repository":"stand-in","file":"/etc/igotchuu/repositories/stand-in.toml","recovery_key":{"id":"7","made_usec":1,"confirmed_usec":2}}' >/var/lib/igotchuu/repositories/stand-in.json
systemctl start igotchuu@new
assert_found </dev/null

echo '- a timer whose file is gone, a directory that is missing, and a catalog that journalctl does not know'
job gone <<<$'sources = ["/srv/d"]\nrepositories = ["stand-in"]\nexclude = ["/srv/d"]\n[timer]\nOnCalendar = "yearly"'
igotchuu reload
rm /etc/igotchuu/jobs/gone.toml
mount --bind /dev/null /var/lib/systemd/catalog/database
mv /usr/share/polkit-1/actions/com.nyantec.igotchuu.policy "$stage/"
chmod 0777 /var/cache/igotchuu
assert_found <<'FOUND'
critical orphan igotchuu@gone.timer
critical cache cache
warning installation /usr/share/polkit-1/actions/com.nyantec.igotchuu.policy
warning installation /var/lib/systemd/catalog/database
FOUND
umount /var/lib/systemd/catalog/database
mv "$stage/com.nyantec.igotchuu.policy" /usr/share/polkit-1/actions/
chmod 0700 /var/cache/igotchuu
eval "$(cure orphan)"
assert_found </dev/null

echo '- who may see what'
systemctl try-restart igotchuud                                    # it may know a job of another test yet
user ada
user bob
gpasswd --add bob igotchuu >/dev/null
examine runuser --user bob --
[ ! -s "$stage/found" ] || fail "bob is told: $(cat "$stage/found")"
[ "$(jq --compact-output .unseen "$stage/json")" = '[]' ] || fail "what does bob not see? $(cat "$stage/json")"
examine runuser --user ada --
exits 3
[ ! -s "$stage/found" ] || fail "ada is told: $(cat "$stage/found")"
assert_says "$(cat "$stage/json")" 'recovery keys, and instants that are kept, which root and the group igotchuu may see'
said=$(runuser --user ada -- igotchuu doctor 2>&1) && fail 'it exits with 0'
! grep --quiet 'all is well' <<<"$said" || fail "all is well with what ada does not see: $said"
chmod 0600 /etc/igotchuu/jobs/d.toml
examine runuser --user ada --
assert_says "$(cat "$stage/json")" '/etc/igotchuu/jobs/d.toml, which only root may read'
chmod 0644 /etc/igotchuu/jobs/d.toml

echo '- without the bus'
systemctl mask --quiet igotchuu@d.timer
btrfs quota enable --simple /srv/d # which cost little
examine "${without_bus[@]}"
[ "$(cat "$stage/found")" = 'critical timer d' ] || fail "without the bus: $(jq . "$stage/json")"
assert_says "$(cat "$stage/json")" 'systemd cannot be asked'
said=$("${without_bus[@]}" runuser --user ada -- igotchuu doctor 2>&1) && fail 'it exits with 0'
! grep --quiet 'all is well' <<<"$said" || fail "all is well with what ada does not see: $said"

echo '- it is quick, and opens no repository'
strace --quiet --follow-forks --trace=execve --output="$stage/calls" igotchuu doctor >/dev/null || true
[ "$(grep --count --extended-regexp 'execve\("[^"]*restic"' "$stage/calls")" = 1 ] && grep --quiet 'restic", "version"' "$stage/calls" || fail "it starts: $(cat "$stage/calls")"
began=$(date +%s%N)
igotchuu doctor >/dev/null || true
took=$((($(date +%s%N) - began) / 1000000))
echo "  $took ms"
((took < 1000)) || fail "it took $took ms"
