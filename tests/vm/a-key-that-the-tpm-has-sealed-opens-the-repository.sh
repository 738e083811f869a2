#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A working key that the TPM has sealed: init, the units and commands by hand open it. (By itself systemd-creds takes the TPM only where the machine was booted by EFI, which
# this one was not.) When the TPM has forgotten, the machine's key is lost, which is said with its name, and the recovery key opens the repository.
. "$(dirname "$0")/../system/stage.sh"
undo() { rm -rf /etc/credstore/tpm-* /etc/credstore.encrypted/tpm-* /srv/sealed; }
sealed=/etc/credstore.encrypted/tpm-key

[ -c /dev/tpmrm0 ] || fail 'this machine has no TPM'
new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/file
mkdir -p /srv/sealed
repository sealed <<<$'location = "/srv/sealed/restic"\npassword-credential = "tpm-key"'
job d <<<$'sources = ["/srv/d"]\nrepositories = ["sealed"]'
reload

echo 'init goes on with a key that lies there sealed, as one that was cut has left it'
mkdir -p "$(dirname $sealed)"
head --bytes 32 /dev/urandom | base64 | systemd-creds encrypt --with-key=host+tpm2 --name=tpm-key - $sealed.new
igotchuu repository init sealed 2>"$stage/said" | cat >"$stage/shown" || fail "$(cat "$stage/said")"
recovery=$(sed -nE 's/^    (([2-9A-HJ-NP-Z]{4}-){7}[2-9A-HJ-NP-Z]{4})$/\1/p' "$stage/shown")
[ -n "$recovery" ] || fail "no recovery key is shown: $(cat "$stage/shown" "$stage/said")"
[ -e $sealed ] || fail "the working key is not sealed: $(cat "$stage/said")"
(unshare --mount bash -c 'mount --bind /dev/null /dev/tpmrm0 && systemd-creds decrypt --name=tpm-key "$1" -' _ $sealed >/dev/null 2>&1) &&
    fail 'it opens without the TPM: this tests nothing'

echo 'the unit and a run by hand open it'
systemctl start igotchuu@d || fail "$(last d .message)"
assert_outcome d success
/usr/libexec/igotchuu-exec backup d >/dev/null 2>"$stage/said" || fail "by hand: $(cat "$stage/said")"
systemctl start igotchuu-maintenance@sealed

echo 'one that only the TPM knows has its recovery key, too'
systemd-creds decrypt --name=tpm-key $sealed - >"$stage/key"
systemd-creds encrypt --with-key=tpm2 --name=tpm-key "$stage/key" $sealed.tpm2 2>/dev/null
mv $sealed.tpm2 $sealed
systemctl start igotchuu@d || fail "$(last d .message)"
assert_outcome d success

echo 'a TPM that has forgotten'
python3 - <<'PY'
# TPM2_Clear with the authorisation for a lockout, which is empty (SeaBIOS has made up one for the platform): TCG, TPM 2.0 library, part 3.
import struct
session = struct.pack('>IHBH', 0x40000009, 0, 0, 0)
body = struct.pack('>I', 0x4000000A) + struct.pack('>I', len(session)) + session
with open('/dev/tpmrm0', 'r+b', buffering=0) as tpm:
    tpm.write(struct.pack('>HII', 0x8002, 10 + len(body), 0x126) + body)
    answer = tpm.read(4096)
status = struct.unpack('>HII', answer[:10])[2]
if status != 0:
    raise SystemExit(f'TPM2_Clear: {status:#x}')
PY
! systemctl start igotchuu@d 2>/dev/null || fail 'the TPM has not forgotten: this tests nothing'
assert_outcome d failed
for words in tpm-key 'cannot be opened' 'systemd-creds decrypt'; do assert_says "$(last d .message)" "$words"; done
! /usr/libexec/igotchuu-exec backup d >"$stage/said" 2>&1 || fail 'a success by hand'
assert_says "$(cat "$stage/said")" tpm-key
RESTIC_PASSWORD=$recovery restic --quiet --no-cache --repo /srv/sealed/restic dump latest /srv/d/file >"$stage/restored"
[ "$(cat "$stage/restored")" = x ] || fail 'the recovery key does not restore what was backed up'
