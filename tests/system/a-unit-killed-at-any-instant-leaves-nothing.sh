#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# a-unit-killed-at-any-instant-leaves-nothing.sh SAY-INVARIANTS CHEAP-KEY TIMES [SEED]
#
# SIGKILL of the whole unit, or of its main process alone, at a random instant of a run with the real restic: the unit tidies up after it, the
# record is true, and the next run succeeds. Two jobs at a time, since a run waits for restic's lock most of the time.
. "$(dirname "$0")/stage.sh"

say_invariants=$1 cheap_key=$2 times=$3 seed=${4:-$SRANDOM}
canary=canary-eeF5thai

# prepare NAME: a job with a disk and a repository of its own; how long its run takes, in ms, goes to the file NAME.takes.
prepare() {
    mkdir -p /etc/igotchuu
    new_btrfs "/mnt/$1" 300
    new_source "/mnt/$1" source "/srv/$1"
    btrfs --quiet subvolume create "/srv/$1/nested"
    cp -r --preserve=mode,timestamps /etc/systemd "/srv/$1/nested"
    printf x >"/srv/$1/file" && setfattr --name user.colour --value blue "/srv/$1/file" && chown 1000:1001 "/srv/$1/file"
    printf '%s\n' "$canary" >"/etc/igotchuu/$1.password"
    restic --quiet --repo "/var/lib/igotchuu/$1" --password-file "/etc/igotchuu/$1.password" init
    python3 "$cheap_key" "/var/lib/igotchuu/$1" "/etc/igotchuu/$1.password"
    repository "$1" <<<"location = \"/var/lib/igotchuu/$1\"
password-file = \"/etc/igotchuu/$1.password\""
    job "$1" <<<"sources = [\"/srv/$1\"]
repositories = [\"$1\"]"
}

restic_of() { restic --quiet --repo "/var/lib/igotchuu/$1" --password-file "/etc/igotchuu/$1.password" --no-cache --no-lock "${@:2}"; }
restore_is_right() {
    restic_of "$1" restore "$(last "$1" '.repositories[0].summary.snapshot_id')" --target "$stage/$1.restored" >/dev/null
    assert_same "/srv/$1" "$stage/$1.restored/srv/$1"
    rm -rf "$stage/$1.restored"
    restic_of "$1" check --read-data
}

# kill_once NAME NUMBER MILLISECONDS: a run, killed MILLISECONDS after it was asked for; and the next one.
kill_once() {
    local whom=all starting wrong
    (($2 % 3)) || whom=main
    "$say_invariants" remember "$1" "$canary" "/mnt/$1" >"$stage/$1.before"
    systemctl start "igotchuu@$1" 2>/dev/null & starting=$!
    sleep "$(printf '%d.%03d' $(($3 / 1000)) $(($3 % 1000)))"
    systemctl kill --kill-whom=$whom --signal=KILL "igotchuu@$1" 2>/dev/null || true
    wait $starting && [ "$(last "$1" .outcome)" = success ] && restore_is_right "$1"
    systemctl start "igotchuu@$1" || fail "the run after the kill of $whom at $3 ms fails: $(last "$1" .message)"
    assert_outcome "$1" success
    wrong=$("$say_invariants" check "$1" "$canary" "/mnt/$1" <"$stage/$1.before") || fail "after the kill of $whom at $3 ms: $wrong"
    (($2 % 50)) || restore_is_right "$1"
}

kill_often() {
    local number began=${EPOCHREALTIME/./} takes
    RANDOM=$2
    systemctl start "igotchuu@$1"
    takes=$(((${EPOCHREALTIME/./} - began) / 1000))
    for ((number = 1; number <= times / 2; number++)); do
        kill_once "$1" $number $((RANDOM % (takes + 20)))
    done
    echo "$1: $((times / 2)) kills within $takes ms each"
}

echo "seed $seed"
prepare first
prepare second
reload
systemctl start igotchuu@first igotchuu@second                          # the cache of restic's features is made
began=$SECONDS
kill_often first "$seed" &
kill_often second $((seed + 1)) &
wait -n && wait -n || fail "to repeat it: $0 $1 $2 $3 $seed"
echo "$times kills in $((SECONDS - began)) s"
