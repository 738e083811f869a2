#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# docs/first-day.md is what this types, and what it is told: from a fresh machine to a nightly, proven, off-site backup, and back to a restored file and a restored machine. What is
# typed stands in igotchuu --help, its manual pages, and what the program says itself. With IGOTCHUU_ACCEPT=1 it writes the page anew.
. "$(dirname "$0")/stage.sh"
. "$(dirname "$0")/nas.sh"
page=$(dirname "$0")/../../docs/first-day.md
told=$stage/first-day.md
undo() {
    unmake_nas
    rm -rf /root/paper /root/.ssh /mnt/home
}

say() { printf '%s\n\n' "$*" >>"$told"; }
# type COMMAND [STATUS]: what a person types, what comes of it, and how it has to end.
type() {
    local status
    printf '```\n# %s\n' "$1" >>"$told"
    status=$(set +o pipefail; bash -c "cd && $1" </dev/null 2>&1 | sed 's/[[:space:]]*$//' >>"$told"; echo "${PIPESTATUS[0]}")
    printf '```\n\n' >>"$told"
    [ "$status" = "${2-0}" ] || { tail -n 40 "$told" >&2; fail "\"$1\" ended with $status"; }
}
# edit FILE: what a person writes into it with an editor, from standard input.
edit() { { printf '```toml\n# %s\n' "$1"; tee "$1"; printf '```\n\n'; } >>"$told"; }

# What is another one each time: times, ids, keys, durations, sizes of what restic packs; and which steps of a run are seen, as quick as they are.
steady() {
    sed --regexp-extended \
        -e '/^home: (starting|[a-z]+ing )/d; s/From now: .*/From now: soon/' \
        -e 's/\b20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}(:[0-9]{2})?( UTC)?/2026-11-27 21:04/g' \
        -e 's/\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) 2026/Fri 2026/g' \
        -e 's/\b[0-9a-f]{64}\b/4f6c1e0a/g; s/\b[0-9a-f]{8}\b/4f6c1e0a/g' \
        -e 's/\b([2-9A-HJ-NP-Z]{4}-){7}[2-9A-HJ-NP-Z]{4}\b/THIS-GOES-ONTO-PAPER-AND-ON-NO-DISK/g' \
        -e 's/\b[0-9]+(\.[0-9]+)? (ms|s|min|h)\b/1 s/g' \
        -e 's/\b[0-9]+(\.[0-9]+)? (B|KiB|MiB|GiB)\b/1 MiB/g' "$1"
}

new_btrfs /mnt/top
new_source /mnt/top home /home
user alice
rm -rf /home/alice && mkdir -p /home/alice/.cache
echo 'Dear Bob, …' >/home/alice/letter.txt
head --bytes 3M /dev/urandom >/home/alice/.cache/thumbnails
chown -R alice:alice /home/alice && chmod 0700 /home/alice
make_nas
systemd-tmpfiles --create igotchuu.conf # a fresh machine has what the installation made: another test may have removed it

: >"$told"
say '# The first day, and the worst one'
say 'From a fresh Debian 13, whose `/home` is a btrfs, to a backup that is made each night, proven, and off site; and back to a file, and to a whole machine. Nothing is typed here that does not stand in `igotchuu --help`, in the manual pages, or in what the program has just said. This page is what `tests/system/the-first-day-is-as-it-is-told.sh` types, and what it is told; times, sizes and keys are others each time.'
say '## The first backup'
type 'igotchuu'
type "igotchuu new home /home --exclude '/home/*/.cache' --calendar daily"
type 'igotchuu run home'
type 'igotchuu'
say 'That is a backup, but one on the same disk. What else will hurt later?'
type 'igotchuu doctor' 3
say '## Off site'
say 'A NAS, `nas`, has a user `backup` and sftp. `man igotchuu.repository` says what a repository is to say; ssh gets a key of its own.'
type 'ssh-keygen -q -t ed25519 -N "" -f /etc/igotchuu/nas.key && ssh-keyscan -q nas >/etc/igotchuu/nas.known-hosts'
say 'The NAS has to know that key: `ssh-copy-id -i /etc/igotchuu/nas.key backup@nas`, or its web page.' # nas.sh has seen to it
edit /etc/igotchuu/repositories/nas.toml <<'TOML'
location = "sftp:backup@nas:laptop"
password-credential = "nas"
[ssh]
identity = "/etc/igotchuu/nas.key"
known-hosts = "/etc/igotchuu/nas.known-hosts"
[maintenance]
OnCalendar = "weekly"
TOML
type 'igotchuu repository init nas'
grep --only-matching --extended-regexp '([2-9A-Z]{4}-){7}[2-9A-Z]{4}' "$told" >/root/paper
say 'The key goes onto paper (here, a file plays the paper), and typed back it is confirmed.'
type 'igotchuu repository confirm nas <paper'
say 'Now the job: it goes to the NAS, each backup is compared with what it was made of, and old ones go by rule. `igotchuu edit home` opens the file:'
edit /etc/igotchuu/jobs/home.toml <<'TOML'
sources = ["/home"]
exclude = ["/home/*/.cache"]
repositories = ["nas"]
keep = { daily = 14, weekly = 8, monthly = 12 }
prove = "full"
objective-hours = 48
[timer]
OnCalendar = "daily"
TOML
type 'igotchuu validate && igotchuu reload'
type 'igotchuu run home'
type 'igotchuu status home'
type 'igotchuu units home | tail -n 6'
say 'From here on nobody types anything.'

next_second
say '## A file is gone'
sed --in-place 's/Bob/Carol/' /home/alice/letter.txt
chown alice:alice /home/alice/letter.txt
systemctl start igotchuu@home
rm /home/alice/letter.txt
type 'igotchuu versions home /home/alice/letter.txt'
type 'igotchuu restore home /home/alice/letter.txt --as alice --yes'
[ "$(cat /home/alice/letter.txt)" = 'Dear Carol, …' ] || fail 'the letter is not what it was'
say '## The machine is gone'
say 'On another one, with nothing but igotchuu, a way to the NAS, and the paper:'
rm -rf /etc/igotchuu/jobs /etc/igotchuu/repositories /etc/credstore.encrypted/nas /var/lib/igotchuu/jobs/home.json
systemctl daemon-reload
mkdir -p /root/.ssh && cp /etc/igotchuu/nas.key /root/.ssh/id_ed25519 && cp /etc/igotchuu/nas.known-hosts /root/.ssh/known_hosts
type 'igotchuu snapshots --repository sftp:backup@nas:laptop <paper'
type 'igotchuu restore --repository sftp:backup@nas:laptop --password-file paper /home --to /mnt --yes'
diff --recursive /mnt/home/alice/letter.txt /home/alice/letter.txt || fail 'the letter is not what it was on the other machine'
[ "$(stat --format %U:%a /mnt/home/alice)" = alice:700 ] || fail 'the home is not its owner'"'"'s'

[ -z "${IGOTCHUU_ACCEPT-}" ] || cp "$told" "$page"
diff --ignore-space-change <(steady "$page") <(steady "$told") || fail 'docs/first-day.md says something else; with IGOTCHUU_ACCEPT=1 it is written anew'
