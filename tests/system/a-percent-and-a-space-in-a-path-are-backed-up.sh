#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# N2, N3: from the file's name to restic's path, a percent sign is a percent sign and a space does not make two paths.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top cotton '/srv/100% cotton'
new_source /mnt/top shows '/srv/TV Shows'
echo x | tee '/srv/TV Shows/x' >'/srv/100% cotton/x'
mkdir -p '/mnt/usb disk'
install -m 0600 /dev/stdin /etc/password <<<secret
RESTIC_PASSWORD=secret restic --quiet --no-cache --repo '/mnt/usb disk/repo' init
repository 'usb disk' <<<$'location = "/mnt/usb disk/repo"\npassword-file = "/etc/password"'
job '100%' <<<$'sources = ["/srv/100% cotton"]\ndescription = "all of %h"'
job 'TV Shows' <<<$'sources = ["/srv/TV Shows"]\nrepositories = ["usb disk"]'
reload
unit=igotchuu@100\\x25.service
[ "$(systemctl show --property WantsMountsFor --value "$unit" | tr ' ' '\n' | grep --count cotton)" = 1 ] || fail 'the path was cut'
[ "$(systemctl show --property Description --value "$unit")" = 'all of %h' ] || fail "$(systemctl show --property Description "$unit")"
[ "$(systemctl show --property SourcePath --value "$unit")" = '/etc/igotchuu/jobs/100%.toml' ] || fail "$(systemctl show --property SourcePath "$unit")"
systemctl start "$unit" 'igotchuu@TV\x20Shows'
[ "$(default_restic snapshots --json | jq --raw-output '.[].paths[]')" = '/srv/100% cotton' ] || fail 'the path is another'
[ "$(RESTIC_PASSWORD=secret restic --no-cache --repo '/mnt/usb disk/repo' snapshots --json | jq --raw-output '.[].paths[]')" = '/srv/TV Shows' ] ||
    fail 'the path is another'
rm -rf '/mnt/usb disk/repo' /etc/password
