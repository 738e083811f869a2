#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The kinds of which no server runs here (B2, Azure, Google, Swift): restic gets the address as it was written, and each secret by the variable that it reads, a file of
# Google's as a path that it can open; none is in its arguments.
. "$(dirname "$0")/stage.sh"
undo() { rm -rf /etc/credstore/kind-*; }

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/file
mkdir -p /etc/credstore
stand_in <<'SH'
case " $* " in *canary*) echo 'a secret is an argument' >&2; exit 1 ;; esac
[ "$(cat "$RESTIC_PASSWORD_FILE")" = canary-password ] || { echo 'the password is another one' >&2; exit 1; }
echo "address $(cat "$RESTIC_REPOSITORY_FILE")" >&2
echo "secrets $B2_ACCOUNT_KEY$AZURE_ACCOUNT_KEY$OS_PASSWORD${GOOGLE_APPLICATION_CREDENTIALS:+$(cat "$GOOGLE_APPLICATION_CREDENTIALS")}" | tr a-z b-za >&2
echo "$summary"
SH
secret() { install -m 0600 /dev/stdin "/etc/credstore/$1"; }
secret kind-password <<<canary-password
secret kind-secret <<<canary-of-kind

# reaches ADDRESS VARIABLE FORM: a run to there succeeds. What it is about to show of a secret it shows turned by a letter.
reaches() {
    repository stand-in <<EOT
location = "$1"
password-credential = "kind-password"
[environment]
$2.$3 = "kind-secret"
EOT
    reload
    systemctl reset-failed igotchuu@d 2>/dev/null || true
    systemctl start igotchuu@d || fail "$1: $(last d .message)"
    assert_outcome d success
    local said
    journalctl --sync
    said=$(journalctl --quiet --output cat "_SYSTEMD_INVOCATION_ID=$(last d .invocation_id)")
    assert_says "$said" "address $1"
    assert_says "$said" 'tfdsfut dbobsz-pg-ljoe'
}
reaches b2:bucket:a/path B2_ACCOUNT_KEY credential
reaches azure:container:/a/path AZURE_ACCOUNT_KEY credential
reaches swift:container:/a/path OS_PASSWORD credential
reaches gs:bucket:/a/path GOOGLE_APPLICATION_CREDENTIALS credential-path
