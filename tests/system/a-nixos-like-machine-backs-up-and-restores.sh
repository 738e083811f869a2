#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# As NixOS has it: all of igotchuu below /nix/store, built by its own package.nix; /etc links through /etc/static to units that were made in a build; times of
# files 1, no PATH in the unit, nothing in /usr. What NixOS itself would do is a stand-in's (tests/nixos/stand-in), and so is its switch.
. "$(dirname "$0")/stage.sh"
nixos=$(dirname "$0")/../nixos

undo=()
restore_machine() {
    local link
    systemctl stop 'igotchuu@*.timer' 'igotchuu-maintenance@*.timer' igotchuud.service igotchuu-pending.path || true
    for link in "${undo[@]}"; do rm --force "$link"; done
    meson install -C /build --no-rebuild --quiet
    each_backup_is_whole
    systemctl daemon-reload && systemctl reload dbus && systemctl try-restart polkit
}
# link TARGET LINK
link() { mkdir --parents "$(dirname "$2")" && ln --symbolic --no-target-directory "$1" "$2" && undo+=("$2"); }
# static PATH [LINK]: what lies there in /etc/static, file by file, is linked to by the same path in /etc, or another.
static() {
    local file
    while IFS= read -r -d '' file; do
        link "/etc/static/$1/$file" "${2-/etc/$1}/$file"
    done < <(find -L "/etc/static/$1" -type f -printf '%P\0')
}

made=$(nix-build --no-out-link --option sandbox false --option substitute false --option build-users-group '' "$nixos/machine.nix" --attr etc --attr profile 2>"$stage/nix.log") ||
    fail "nix-build: $(tail -n 30 "$stage/nix.log")"
{ read -r etc && read -r profile; } <<<"$made"
package=$(dirname "$(dirname "$(readlink -f "$profile/bin/igotchuu")")")

trap 'status=$?; restore_machine; exit $status' EXIT
sed '/^#/d' /build/meson-logs/install-log.txt | while IFS= read -r file; do [ -d "$file" ] || rm --force "$file"; done
[ -z "$(find /usr -path '*igotchuu*' -not -type d -print -quit)" ] || fail "there is still something of igotchuu in /usr: $(find /usr -path '*igotchuu*' -not -type d)"
rm --recursive --force /etc/igotchuu
link "$etc" /etc/static
static igotchuu
static systemd/system
static systemd/system-generators
static tmpfiles.d
static dbus-1/system.d
static dbus-1/system-services /usr/local/share/dbus-1/system-services
link "$profile" /run/current-system/sw
for file in "$profile"/share/polkit-1/*/*; do link "$file" "/etc/polkit-1/${file#"$profile/share/polkit-1/"}"; done
systemd-tmpfiles --create
new_btrfs /mnt/top
new_source /mnt/top store /mnt/store
fill /mnt/store few

# The units that the build made are the ones that the generator makes at boot, and those are the ones that count.
systemctl daemon-reload && systemctl reload dbus && systemctl try-restart polkit
units=/etc/static/systemd/system
generated=/run/systemd/generator
for file in $(cd $generated && find . -path '*igotchuu*' -type f); do
    diff "$generated/$file" "$units/$file"
done
for timer in "$generated"/timers.target.wants/igotchuu*; do
    grep --quiet --fixed-strings --line-regexp "Wants=${timer##*/}" $units/timers.target.d/50-igotchuu.conf || fail "nothing wants ${timer##*/}"
done
[ "$(stat -L --format %Y $units/igotchuu@.service)" = 1 ]
property() { systemctl show --value --property "$1" igotchuu@store.service; }
[ "$(property FragmentPath)" = /etc/systemd/system/igotchuu@.service ] || fail "unit: $(property FragmentPath)"
[[ $(property DropInPaths) = *"/etc/systemd/system/igotchuu@store.service.d/50-job.conf"*overrides.conf* ]] || fail "drop-ins: $(property DropInPaths)"
[[ $(property ExecStart) = *"path=$package/libexec/igotchuu-exec "* ]] || fail "ExecStart: $(property ExecStart)"
[ "$(property Nice)" = 5 ] || fail "Nice: $(property Nice)"
[[ $(property Environment) = *PATH=/no-such-path* ]] || fail "Environment: $(property Environment)"
[ "$(property NeedDaemonReload)" = no ]

# The timer that a switch starts; nothing else starts the backup.
remember_host
[ "$(property ActiveState)" = inactive ]
systemctl start timers.target
[ "$(systemctl is-active igotchuu@store.timer)" = active ]
await 60 'the backup that the timer starts' test -e /var/lib/igotchuu/jobs/store.json
wait_for_state igotchuu@store.service inactive
assert_outcome store success
assert_host_as_before
await 30 'the check of the units' eval '! state_is igotchuu-verify.service activating'
state_is igotchuu-verify.service inactive

# The bus, and the restore.
jobs=$(busctl call com.nyantec.igotchuu /com/nyantec/igotchuu com.nyantec.igotchuu.Manager1 ListJobs)
assert_says "$jobs" '"store"'
assert_says "$jobs" '"TV Shows"'
[ "$(readlink -f "/proc/$(systemctl show --value --property MainPID igotchuud)/exe")" = "$package/libexec/igotchuud" ] || fail "another igotchuud is on the bus"
busctl call com.nyantec.igotchuu /com/nyantec/igotchuu com.nyantec.igotchuu.Manager1 Start s store
wait_for_state igotchuu@store.service inactive
assert_outcome store success
default_restic restore latest --target /mnt/top/restored
diff --recursive --no-dereference /mnt/store /mnt/top/restored/mnt/store --exclude fifo

# What the package needs at run time, each thing once.
needs=$(nix-store --query --references "$package" | sed 's|/nix/store/[^-]*-||' | sort | paste --serial --delimiters ' ')
[ "$needs" = 'coreutils curl igotchuu-0.1.0 lvm2 openssh rclone restic systemd util-linux' ] || fail "the package needs: $needs"
