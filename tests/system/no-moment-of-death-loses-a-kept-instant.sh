#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A run that keeps an instant, and one that sends it, are killed at each of the calls with which they change a file or a mount. Whenever that was: what is listed is
# there, what is there is listed or taken away by the next run, whoever's it is, and the next send completes.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
new_source /mnt/top e /srv/e
echo x | tee /srv/d/file >/srv/e/file
cheap_repository r
cheap_repository usb
seen usb
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r", "usb"]\npending.instants = 100'
job e <<<$'sources = ["/srv/e"]\nrepositories = ["r"]'
reload
remember_host
absent() { mv /srv/cheap/usb /srv/cheap/drawer; }
there() { mv /srv/cheap/drawer /srv/cheap/usb; }
listed() { jq --raw-output ".instants[] | select($1) | .run" /var/lib/igotchuu/kept/d.json 2>/dev/null | sort; }
snapshots() { ls /mnt/top/.igotchuu | sed -n 's/^d://p' | sort; }

killed=0
# dies VERB CALL NUMBER: false when the run ended before it came to that many of these calls.
dies() {
    local status=0
    { strace --quiet=all --output=/dev/null --trace="$2" --inject="$2:signal=KILL:when=$3" /usr/libexec/igotchuu-exec "$1" d; } >/dev/null 2>&1 || status=$?
    [ $status = 137 ] || return 1
    killed=$((killed + 1))
    lost=$(comm -23 <(listed '.repositories != []') <(snapshots))
    [ -z "$lost" ] || fail "killed at $2 $3 of $1: listed, and gone: $lost"
}
sweep() {
    local verb=$1 call number
    shift
    for call; do
        for ((number = 1; number < 40; number++)); do dies "$verb" $call $number || break; done
        systemctl start igotchuu@e
        [ "$(listed true)" = "$(snapshots)" ] || fail "after kills at $call of $verb $(snapshots | wc --lines) are there, and $(listed true | wc --lines) are listed"
    done
}

absent
sweep backup rename fsync umount2
[ -n "$(listed true)" ] || fail 'nothing is kept: this test tests nothing'
there
for call in rename fsync unlinkat unlink umount2; do # each has something to send
    absent
    next_second
    systemctl start igotchuu@d
    there
    sweep send $call
done
/usr/libexec/igotchuu-exec pending --start
sent() { [ ! -e /var/lib/igotchuu/kept/d.json ] && state_is igotchuu-send@d inactive; }
/usr/libexec/igotchuu-exec send d 2>/dev/null || true
await 60 'what was kept to be sent' sent
[ -z "$(snapshots)" ] || fail "left: $(snapshots)"
[ $killed -gt 30 ] || fail "it was killed $killed times only"
printf 'killed %s times\n' $killed
sound() { restic --quiet --no-cache --repo "/srv/cheap/$1" --password-file "/etc/igotchuu/$1.key" check --no-lock --read-data >/dev/null; }
for name in r usb; do sound $name || fail "$name is damaged"; done
assert_host_as_before
