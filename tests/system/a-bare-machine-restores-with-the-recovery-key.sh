#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The machine is gone, with all that was configured on it: where the repository is and what is written down on paper are enough, also without a running systemd, and from a bucket with the
# caller's own credentials.
. "$(dirname "$0")/stage.sh"
undo() { rm -rf /srv/nas /etc/credstore.encrypted/nas /root/back; }

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
fill /srv/d few
mkdir -p /srv/nas
repository nas <<<$'location = "/srv/nas/r"\npassword-credential = "nas"\noptions = [\'sftp.args=-i "/root/my key" -o Ciphers=a,b\', "rest.connections=2"]'
job d <<<$'sources = ["/srv/d"]\nrepositories = ["nas"]'
reload
igotchuu repository init nas | cat >"$stage/paper"
key=$(sed -nE 's/^    (([2-9A-HJ-NP-Z]{4}-){7}[2-9A-HJ-NP-Z]{4})$/\1/p' "$stage/paper")
systemctl start igotchuu@d
mkdir -m 0700 /root/back

# bare COMMAND…: where nothing of igotchuu's was ever configured, and no systemd runs
bare() {
    unshare --mount bash -euo pipefail -c '
        for directory in /run /etc/igotchuu /etc/credstore.encrypted /var/lib/igotchuu /var/cache; do mount -t tmpfs -o mode=0755 none $directory; done
        exec "$@"' bare "$@"
}
printf '%s\n' "${key,,}" >/root/back/key
said=$(bare igotchuu snapshots --repository /srv/nas/r --password-file /root/back/key 2>&1) || fail "its snapshots: $said"
assert_says "$said" /srv/d
typed=$(sed -nE 's/^    (restic .* snapshots)$/\1/p' "$stage/paper")
assert_says "$typed" ' -o rest.connections=2 '
said=$(RESTIC_PASSWORD=$key bare bash -c "$typed" 2>&1) || fail "the line on the paper, $typed: $said"
assert_says "$said" /srv/d
said=$(bare igotchuu restore --repository /srv/nas/r --password-file /root/back/key /srv/d/alice --to /root/back --yes 2>&1) || fail "bare: $said"
assert_same /srv/d/alice /root/back/alice
said=$(bare igotchuu restore --repository /srv/nas/r /srv/d/bob --to /root/back --yes <<<"$key" 2>&1) || fail "the key by a pipe: $said"
assert_same /srv/d/bob /root/back/bob
said=$(bare igotchuu restore --repository /srv/nas/r /srv/d/bob --to /root/back --yes <<<wrong 2>&1) && fail 'with a wrong key'
assert_says "$said" 'wrong'

# on a terminal the key is asked for there, also where the answer goes into a file or a pipe
mkfifo "$stage/keys"
script --quiet --flush --command "igotchuu snapshots --repository /srv/nas/r >$stage/listed" "$stage/terminal" <"$stage/keys" >/dev/null &
terminal=$!
exec {keys}>"$stage/keys"
await 20 'the question' grep --quiet --no-messages 'The recovery key or the password of /srv/nas/r' "$stage/terminal"
printf '%s\n' "$key" >&"$keys"
wait $terminal
exec {keys}>&-
assert_says "$(cat "$stage/listed")" /srv/d

# what tells restic the way is in the caller's environment, and nothing else of that gets to it
mkdir -p /srv/stand-in
cat >"$stage/restic" <<'SH'
#!/bin/sh -p
case $1 in version) echo 'restic 0.18.0 compiled with go1.24'; exit ;; features) exit ;; esac
env >/srv/stand-in/environment
exit 1
SH
chmod 0755 "$stage/restic"
mount --bind "$stage/restic" /usr/bin/restic
AWS_ACCESS_KEY_ID=canary RESTIC_PASSWORD=other LD_PRELOAD_NOT=x igotchuu restore --repository s3:https://127.0.0.1:1/b --password-file /root/back/key /srv/d --to /root/back --yes >/dev/null 2>&1 && fail 'nobody is there'
umount --lazy /usr/bin/restic
grep --quiet '^AWS_ACCESS_KEY_ID=canary$' /srv/stand-in/environment || fail 'the key of the bucket did not get to restic'
grep --quiet --extended-regexp '^(RESTIC_PASSWORD|LD_PRELOAD_NOT)=' /srv/stand-in/environment && fail 'more than that got to restic'
true
