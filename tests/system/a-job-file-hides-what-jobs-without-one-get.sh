#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# One drop-in name for both: else a job with a remote repository would inherit the missing network of the embedded one.
set -euo pipefail
directory=/etc/igotchuu
trap 'rm -f $directory/jobs/remote.toml $directory/repositories/nas.toml; systemctl daemon-reload' EXIT

mkdir -p $directory/{jobs,repositories}
printf '%s\n' 'sources = ["/srv/TV Shows"]' 'repositories = ["nas"]' >$directory/jobs/remote.toml
printf '%s\n' 'location = "sftp:nas:/srv/restic"' 'password-file = "/etc/igotchuu/nas.password"' >$directory/repositories/nas.toml
systemctl daemon-reload

show() { systemctl show --value --property="$2" "$1"; }
remote=igotchuu@remote.service implicit='igotchuu@srv-TV\x20Shows.service'
[ "$(show $remote DropInPaths)" = /run/systemd/generator/igotchuu@remote.service.d/50-job.conf ]
[ "$(show $remote PrivateNetwork)" = no ]
[ "$(show "$implicit" DropInPaths)" = /run/systemd/generator/igotchuu@.service.d/50-job.conf ]
[ "$(show "$implicit" PrivateNetwork)" = yes ]
[ "$(show "$implicit" Description)" = 'igotchuu backup of /srv/TV Shows' ]
show "$implicit" WantsMountsFor | grep --fixed-strings '"/srv/TV Shows"' >/dev/null
[ "$(show $remote Environment)" != "$(show "$implicit" Environment)" ]
