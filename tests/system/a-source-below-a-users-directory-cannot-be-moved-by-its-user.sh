#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# alice owns the directory that the source lies in: what she renames, links and removes there while the backup runs changes nothing in it. The
# repository and its password lie beside the source, where a cover of ours hides them.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top 900
new_source /mnt/top home /srv/home
mkdir -p /srv/home/alice/albums/photos
printf 'good\n' >/srv/home/alice/albums/photos/picture
printf 'not asked for\n' >/srv/home/alice/albums/other
chown -R 1000:1000 /srv/home/alice
chmod 0750 /srv/home/alice
touch --date '2020-01-02 03:04:05' /srv/home/alice/albums
install -m 0600 /dev/stdin /srv/home/alice/password <<<secret
restic init --quiet --repo /srv/home/alice/repository --password-file /srv/home/alice/password --no-cache
job photos <<'TOML'
sources = ["/srv/home/alice/albums/photos"]
repositories = ["own"]
restic-args = ["--limit-upload=20000"]                               # KiB/s
TOML
repository own <<'TOML'
location = "/srv/home/alice/repository"
password-file = "/srv/home/alice/password"
TOML
reload
own() { restic --quiet --repo /srv/home/alice/repository --password-file /srv/home/alice/password --no-cache "$@"; }
as_alice() { setpriv --reuid=1000 --regid=1000 --clear-groups -- "$@"; }

while_restic_runs() { # COMMAND…, as alice; it takes 2 s
    remember_host
    head --bytes 40M /dev/urandom >/srv/home/alice/albums/photos/big
    systemctl start --no-block igotchuu@photos
    wait_for_phase photos restic
    as_alice "$@"
    await 60 'the end of the run' eval '! state_is igotchuu@photos activating'
    rm -f /srv/home/alice/albums/photos*/big
}
assert_good() {
    assert_outcome photos success
    [ "$(own dump latest /srv/home/alice/albums/photos/picture)" = good ] || fail 'the picture is not in the backup'
    [ "$(own snapshots --latest 1 --json | jq --raw-output '.[].paths[]')" = /srv/home/alice/albums/photos ] || fail 'the path is another'
}

while_restic_runs mv /srv/home/alice/albums /srv/home/alice/away
assert_good
mv /srv/home/alice/away /srv/home/alice/albums
while_restic_runs sh -c 'cd /srv/home/alice/albums && mv photos photos2 && ln -s /etc/apt photos'
assert_good
rm /srv/home/alice/albums/photos && mv /srv/home/alice/albums/photos2 /srv/home/alice/albums/photos
while_restic_runs sh -c 'mv /srv/home/alice/albums/photos/picture /srv/home/alice/kept; rm -rf /srv/home/alice/albums/photos'
assert_good
as_alice sh -c 'mkdir -p /srv/home/alice/albums/photos; mv /srv/home/alice/kept /srv/home/alice/albums/photos/picture'

# Nothing else of hers is in the backup, and what is on the way to the source is as it was.
own ls --long latest >"$stage/list"
! grep --fixed-strings -e other -e repository -e password "$stage/list" || fail 'what was not asked for is in the backup'
own ls latest --json | jq --raw-output 'select(.path == "/srv/home/alice") | "\(.uid) \(.gid) \(.mode % 512)"' >"$stage/alice"
[ "$(cat "$stage/alice")" = '1000 1000 488' ] || fail "the owner and the mode of her directory are $(cat "$stage/alice")"
remember_host
systemctl start igotchuu@photos
assert_good
assert_host_as_before
