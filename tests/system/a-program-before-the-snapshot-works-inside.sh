#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# exec-before-snapshot runs in the backup's own namespace: what it mounts is in the backup and is seen by nobody else; its failure is the run's.
. "$(dirname "$0")/stage.sh"
new_btrfs /mnt/top
new_source /mnt/top d /srv/d
mkdir -p /srv/programs /srv/empty
btrfs --quiet subvolume create /mnt/top/unmounted
echo inside >/mnt/top/unmounted/file
echo d >/srv/d/file
restic() { command restic --repo "$restic_repository" --password-file "$restic_repository.key" --quiet --no-cache "$@"; }

cat >/srv/programs/before <<'SH'
#!/bin/sh -eu
mount --bind /mnt/top/unmounted /srv/empty
echo "before $IGOTCHUU_JOB: $(id --user --name), $(grep CapEff /proc/self/status)"
readlink /proc/self/ns/mnt >/mnt/top/namespace || echo 'cannot write'
SH
chmod +x /srv/programs/before
job d <<'TOML'
sources = ["/srv/empty", "/srv/d"]
exec-before-snapshot = ["/srv/programs/before"]
TOML
reload
remember_host
systemctl start igotchuu@d
assert_outcome d success
[ "$(restic dump latest /srv/empty/file)" = inside ] || fail 'what was mounted before the snapshot is not in the backup'
[ "$(last d '[.sources[].method] | join(" ")')" = 'btrfs btrfs' ] || fail "recorded: $(last d .sources)"
journalctl --sync
said=$(journal_of igotchuu@d)
assert_says "$said" 'exec-before-snapshot: before d: root, CapEff:'
assert_says "$said" 'exec-before-snapshot: cannot write' # ProtectSystem=strict is for it, too
! findmnt /srv/empty || fail 'the host sees the mount'
assert_host_as_before

# fails WORDS: and no snapshot is taken
fails() {
    systemctl daemon-reload
    systemctl start igotchuu@d 2>/dev/null && fail "it was a success instead of: $1"
    assert_outcome d failed
    assert_says "$(last d .message)" "$1"
    assert_host_as_before
    systemctl reset-failed
}
printf '#!/bin/sh\necho some words\necho the last word >&2\nexit 9\n' >/srv/programs/before
fails 'exec-before-snapshot failed: /srv/programs/before ended with exit status 9: '
rm /srv/programs/before
fails 'cannot start /srv/programs/before: No such file or directory'
cat >/etc/igotchuu/jobs/d.toml <<<$'sources = ["/srv/d"]\nexec-before-snapshot = ["/bin/sleep", "infinity"]\nprepare-timeout = 1'
fails 'exec-before-snapshot failed: /bin/sleep did not end within 1s and was killed (the key prepare-timeout)'

sed -i '/timeout/d' /etc/igotchuu/jobs/d.toml
systemctl daemon-reload
systemctl start --no-block igotchuu@d
sleeps() { pgrep --full --exact '/bin/sleep infinity' >/dev/null; }
await 30 'the program' sleeps
systemctl stop igotchuu@d
assert_outcome d stopped
! sleeps || fail 'it still runs'
assert_host_as_before
rm -rf /srv/programs
