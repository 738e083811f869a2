#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# C4: a source with brackets is no pattern, and a dollar in an exclude is no variable.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top 'photos' '/srv/Fotos [2024]'
new_source /mnt/top disk '/srv/disk'
echo x >'/srv/Fotos [2024]/photo'
mkdir '/srv/disk/$RECYCLE.BIN'
echo x | tee '/srv/disk/$RECYCLE.BIN/x' >/srv/disk/kept
job c4 <<<$'sources = ["/srv/Fotos [2024]", "/srv/disk"]\nexclude = [\'$RECYCLE.BIN\']'
reload
systemctl start igotchuu@c4
listed=$(default_restic ls latest)
assert_says "$listed" '/srv/Fotos [2024]/photo'
assert_says "$listed" '/srv/disk/kept'
! grep --quiet --fixed-strings 'RECYCLE' <<<"$listed" || fail 'the excluded directory is in'
