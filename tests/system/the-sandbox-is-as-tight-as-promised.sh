#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# systemd-analyze security: igotchuu@ at most 2.9, with only local repositories at most 2.0.
. "$(dirname "$0")/stage.sh"

install -m 0600 /dev/stdin /etc/password <<<secret
repository nas <<<$'location = "rest:http://nas.example.org/"\npassword-file = "/etc/password"'
job remote <<<$'sources = ["/srv"]\nrepositories = ["nas"]'
job near <<<'sources = ["/srv"]'
reload
exposure() { systemd-analyze security --no-pager "$1" | sed -n 's/.*Overall exposure level for .*: \([0-9.]*\) .*/\1/p'; }
at_most() { awk -v is="$(exposure "$1")" -v most="$2" 'BEGIN { exit !(is != "" && is <= most) }' || fail "$1: $(exposure "$1"), promised: $2"; }
at_most igotchuu@remote.service 2.9
at_most igotchuu@near.service 2.0
at_most igotchuu@home.service 2.0
