#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# X3: a repository's password from each place that it may lie in, in the unit and by hand alike; and what is said of one that is not there: its name, and
# restic does not start, nor does any other key serve instead.
. "$(dirname "$0")/stage.sh"
undo() { rm -rf /etc/credstore/home-* /etc/credstore.encrypted/home-* /etc/keys; }

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/file
user alice
mkdir -p /etc/keys /etc/credstore /etc/credstore.encrypted
echo vault-password >/etc/keys/plain
chmod 0600 /etc/keys/plain
restic --quiet --repo /mnt/top/vault --password-file /etc/keys/plain --no-cache init
"$(dirname "$0")/cheap-key.py" /mnt/top/vault /etc/keys/plain
sealed() { systemd-creds encrypt --with-key=host --name="$1" /etc/keys/plain "$2"; }
printf '#!/bin/sh\n[ "$(id --user --name)" = alice ] && echo vault-password\n' | install -m 0755 /dev/stdin /usr/local/bin/ask-alice

job d <<<$'sources = ["/srv/d"]\nrepositories = ["vault"]'
password_is() { { echo 'location = "/mnt/top/vault"'; cat; } | repository vault; reload; }
remember_host

works() {
    systemctl start igotchuu@d || fail "$1: the unit failed: $(last d .message)"
    /usr/libexec/igotchuu-exec backup d >/dev/null 2>"$stage/said" || fail "$1, by hand: $(cat "$stage/said")"
    [ "$(last d .restic_starts)" = 1 ] || fail "$1: $(last d .restic_starts) starts of restic"
    assert_host_as_before
}
cp /etc/keys/plain /etc/credstore/home-plain
password_is <<<'password-credential = "home-plain"'
works 'in the store'
sealed home-sealed /etc/credstore.encrypted/home-sealed
password_is <<<'password-credential = "home-sealed"'
works 'sealed in the store'
password_is <<<$'password-credential = "home-file"\nload-credential = ["home-file:/etc/keys/plain"]'
works 'in a file'
sealed home-cred /etc/keys/sealed
password_is <<<$'password-credential = "home-cred"\nload-credential-encrypted = ["home-cred:/etc/keys/sealed"]'
works 'sealed in a file'
password_is <<<$'password-command = ["/usr/local/bin/ask-alice"]\npassword-command-user = "alice"'
works 'printed by a program'

fails() {
    ! systemctl start igotchuu@d || fail "$1: a success"
    assert_outcome d failed
    assert_says "$(last d .message)" "$1"
    assert_says "$(journal_of igotchuu@d)" "$1"
    /usr/libexec/igotchuu-exec backup d >"$stage/said" 2>&1 && fail "$1: a success by hand"
    assert_says "$(cat "$stage/said")" "$1"
    [ "$(last d .restic_starts)" = 0 ] || fail "$1: restic was started"
    assert_host_as_before
}
password_is <<<'password-credential = "home-gone"'
fails 'the credential home-gone is not there: put it into /etc/credstore/home-gone'
password_is <<<$'password-credential = "home-gone"\nload-credential = ["home-gone:/etc/keys/gone"]'
fails 'the credential home-gone is not there: its file /etc/keys/gone is missing'
password_is <<<$'password-credential = "home-gone"\nload-credential = ["home-gone:/etc/nowhere/key"]'
fails 'the credential home-gone is not there: its file /etc/nowhere/key is missing'
password_is <<<$'password-credential = "home-gone"\nload-credential-encrypted = ["home-gone:/etc/keys/gone"]'
fails 'the credential home-gone is not there: its file /etc/keys/gone is missing'
password_is <<<'password-file = "/etc/keys/gone"'
fails 'cannot open the file /etc/keys/gone: No such file or directory'
password_is <<<'password-command = ["/usr/local/bin/gone"]'
fails 'password-command failed: /usr/local/bin/gone is not there'
password_is <<<'password-command = ["/bin/false"]'
fails 'password-command failed: /bin/false ended with exit status 1'
password_is <<<'password-command = ["/bin/true"]'
fails 'what /bin/true printed is empty'
password_is <<<$'password-command = ["/usr/local/bin/ask-alice"]\npassword-command-user = "nobody-here"'
fails 'cannot be run as "nobody-here": is there such a user? (the key password-command-user)'
[ ! -e "$restic_repository" ] || fail 'the embedded repository was made instead'

# X3: what a killed run leaves is reaped by whoever has no secret any more.
password_is <<<'password-credential = "home-plain"'
held_at backup
systemctl start --no-block igotchuu@d
wait_for_phase d restic
mv /etc/credstore/home-plain /etc/keys/away
systemctl kill --kill-whom=main --signal=KILL igotchuu@d
wait_for_state igotchuu@d failed
umount --lazy /usr/bin/restic
assert_outcome d killed
assert_host_as_before
rm /usr/local/bin/ask-alice
