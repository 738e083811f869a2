#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Repository, cache and state may lie in what is backed up: they stay live, nothing of them is in the backup, and nothing waits for a lock on a
# frozen file system. So may the disk with the repository be mounted there.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top 1200
new_btrfs /mnt/usb
new_source /mnt/top home /srv/home
mkdir -p /srv/home/alice/disk
printf 'hers\n' >/srv/home/alice/file
printf 'under the disk\n' >/srv/home/alice/disk/hidden
install -m 0600 /dev/stdin /etc/igotchuu-password <<<secret
make_repository() { restic init --quiet --repo "$1" --password-file /etc/igotchuu-password --no-cache; }
make_repository /srv/home/alice/repository
mount --bind /mnt/usb /srv/home/alice/disk
make_repository /srv/home/alice/disk/repository
job home <<'TOML'
sources = ["/srv/home"]
repositories = ["inside", "disk"]
exclude = ["/srv/home/alice/disk"]
TOML
for name in inside disk; do
    path=/srv/home/alice/repository
    [ $name = inside ] || path=/srv/home/alice/disk/repository
    printf 'location = "%s"\npassword-file = "/etc/igotchuu-password"\n' "$path" | repository "$name"
done
reload
remember_host
for run in first second; do
    systemctl start igotchuu@home || fail "the $run run failed"
    assert_outcome home success
    assert_host_as_before
done
assert_says "$(journal_of igotchuu@home)" 'The repository inside lies below a source, in /srv/home/alice/repository'
for path in /srv/home/alice/repository /srv/home/alice/disk/repository; do
    names=$(restic --quiet --repo "$path" --password-file /etc/igotchuu-password --no-cache ls latest)
    assert_says "$names" /srv/home/alice/file
    ! grep --extended-regexp 'repository|hidden' <<<"$names" || fail 'the repository is in the backup'
    restic --quiet --repo "$path" --password-file /etc/igotchuu-password --no-cache check --read-data
done
umount /srv/home/alice/disk

# The password lies on a disk below the source, or with a repository beside it.
mount -t tmpfs -o mode=0755 stick /srv/home/alice/disk
cp --preserve /etc/igotchuu-password /srv/home/alice/disk/password
install -d -o 1000 -g 1000 /srv/home/bob && mkdir /srv/home/bob/data && printf 'his\n' >/srv/home/bob/data/file
make_repository /srv/home/bob/repository
cp --preserve /etc/igotchuu-password /srv/home/bob/repository/password
job stick <<<$'sources = ["/srv/home"]\nrepositories = ["stick"]'
job bob <<<$'sources = ["/srv/home/bob/data"]\nrepositories = ["bob"]'
repository stick <<<$'location = "/srv/home/alice/repository"\npassword-file = "/srv/home/alice/disk/password"'
repository bob <<<$'location = "/srv/home/bob/repository"\npassword-file = "/srv/home/bob/repository/password"'
reload
remember_host
for name in stick bob; do
    systemctl start "igotchuu@$name" || fail "$(last "$name" .message)"
    assert_outcome "$name" success
    assert_host_as_before
done
! restic --quiet --repo /srv/home/alice/repository --password-file /etc/igotchuu-password --no-cache ls latest | grep disk/password || fail 'the disk is in the backup'
umount /srv/home/alice/disk

# The same repository, named where its file system is mounted a second time: a backup that holds the ones before grows and grows.
repository twice <<<$'location = "/mnt/top/home/alice/repository"\npassword-file = "/etc/igotchuu-password"'
job twice <<<$'sources = ["/srv/home"]\nrepositories = ["twice"]'
reload
systemctl start igotchuu@twice
assert_outcome twice success
names=$(restic --quiet --repo /srv/home/alice/repository --password-file /etc/igotchuu-password --no-cache ls latest)
assert_says "$names" /srv/home/alice/file
! grep /srv/home/alice/repository <<<"$names" || fail 'the repository is in the backup under its other name'

# And with a stop: no lock is left in it.
head --bytes 40M /dev/urandom >/srv/home/alice/big
job home <<'TOML'
sources = ["/srv/home"]
repositories = ["inside"]
restic-args = ["--limit-upload=4000"]
TOML
reload
systemctl start --no-block igotchuu@home
await 30 'restic to lock the repository' eval '[ "$(ls /srv/home/alice/repository/locks)" ]'
systemctl stop igotchuu@home
assert_outcome home stopped
[ -z "$(ls /srv/home/alice/repository/locks)" ] || fail 'a lock is left'
rm /srv/home/alice/big

# igotchuu's own directories.
rsync --archive /var/lib/ /mnt/top/lib/ && mount --bind /mnt/top/lib /var/lib
rsync --archive /var/cache/igotchuu /mnt/top/cache/ && mount --bind /mnt/top/cache /var/cache
job var <<<'sources = ["/var/lib", "/var/cache"]'
reload
remember_host
systemctl start igotchuu@var
assert_outcome var success
default_restic ls latest >"$stage/list"
grep --quiet '^/var/lib/dpkg/status$' "$stage/list" || fail '/var/lib is not in the backup'
! grep --extended-regexp '^/var/(lib|cache)/igotchuu' "$stage/list" || fail 'what is igotchuu'"'"'s own is in the backup'
assert_host_as_before

# What is written to cannot be frozen.
job state <<<'sources = ["/var/lib/igotchuu/jobs"]'
reload
! systemctl start igotchuu@state || fail 'it was backed up'
assert_says "$(journal_of igotchuu@state)" 'the source /var/lib/igotchuu/jobs lies in /var/lib/igotchuu, where this very backup is written to'
umount /var/lib /var/cache
