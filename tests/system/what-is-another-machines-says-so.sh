#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Two machines may send jobs of one name to one repository: what ls, diff, snapshots, find and versions show of the other one's has its name, made printable.
. "$(dirname "$0")/stage.sh"

screen() { script --quiet --return --command "$*" /dev/null </dev/null; } # of a terminal
says() { assert_says "$(screen "$1")" "$2"; }
says_not() { local said; said=$(screen "$1"); [[ $said != *"$2"* ]] || fail "$1 says $2: $said"; }

new_btrfs /mnt/top
new_source /mnt/top home /srv/home
echo one >/srv/home/file
cheap_repository r
job home <<<$'sources = ["/srv/home"]\nrepositories = ["r"]'
reload
systemctl start igotchuu@home
own=$(newest home)
for verb in 'snapshots home' 'find home file' 'versions /srv/home/file'; do says_not "igotchuu $verb" HOST; done
says_not 'igotchuu ls home' ' on '

echo two >/srv/home/file
next_second
on_r backup --host $'lap\x1btop' --tag igotchuu-job=home,igotchuu-machine=another /srv/home
other='lap\x1btop'
says 'igotchuu ls home' " on $other, in r"
says_not "igotchuu ls home --snapshot $own" ' on '
says "igotchuu diff home $own" " on $other, in r"
for verb in 'snapshots home' 'find home file' 'versions /srv/home/file'; do
    says "igotchuu $verb" HOST
    says "igotchuu $verb" "$other"
done
