#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Nobody but igotchuud, root neither, gets its names on the bus; under both of them it hears what is meant for its interfaces, and nothing else.
. "$(dirname "$0")/stage.sh"

user alice
undo() { userdel alice; }
bus() { runuser -u "$1" -- busctl call --timeout=20 "${@:2}" 2>&1; }
refused() {
    ! said=$(bus "$@") || fail "$* is allowed: $said"
    assert_says "$said" 'Access denied'
}

systemctl stop igotchuud # the names are free
for name in com.nyantec.igotchuu com.nyantec.IGotChuu; do
    for user in alice root; do
        refused $user org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus RequestName su $name 4
    done
    assert_says "$(bus alice $name /com/nyantec/igotchuu com.nyantec.igotchuu.Manager1 ListJobs)" 'a(sso) 0'
    for interface in com.nyantec.igotchuu com.nyantec.igotchuu.Manager2 org.freedesktop.systemd1.Manager; do
        refused alice $name /com/nyantec/igotchuu $interface ListJobs
    done
done
