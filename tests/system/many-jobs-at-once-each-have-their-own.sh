#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Sixteen jobs at once on one btrfs, on a repository that none of them has made yet: each succeeds, and none takes away what another reads. Then one
# that is started and stopped in quick succession, whatever it is at.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
jobs=()
for number in {1..16}; do
    new_source /mnt/top "s$number" "/srv/s$number"
    echo "$number" >"/srv/s$number/number"
    jobs+=("igotchuu@srv-s$number")
done
remember_host
systemctl start "${jobs[@]}"
for number in {1..16}; do
    assert_outcome "srv-s$number" success
    [ "$(default_restic dump --tag "igotchuu-job=srv-s$number" latest "/srv/s$number/number")" = "$number" ] || fail "job $number has another's files"
done
assert_host_as_before

for milliseconds in {5..95..10}; do
    /usr/libexec/igotchuu-exec backup srv-s1 2>/dev/null &
    sleep "0.0$(printf %02d "$milliseconds")"
    kill -TERM $!
    wait $! && status=0 || status=$?
    [[ $status = 130 || $status = 143 || $status = 0 ]] || fail "stopped after $milliseconds ms: exit status $status"
    assert_host_as_before
done
[ -z "$(default_restic list locks)" ] || fail 'restic left its lock'

# thirty-two, on the bus: each is heard from its begin to its end, and igotchuud has none of the bus's rules (512) and no descriptor for each
stand_in <<'SH'
echo '{"message_type":"status","percent_done":0.5,"total_files":2,"files_done":1}'
sleep 1
echo "$summary"
SH
listen
expected=$(for number in {1..32}; do echo "j$number success"; done | sort)
for number in {1..32}; do
    job "j$number" <<<"sources = [\"/srv/s$((number % 16 + 1))\"]
repositories = [\"stand-in\"]"
done
reload
remember_host
systemctl restart igotchuud
watched() { find "/proc/$(systemctl show --property MainPID --value igotchuud)/fd" -lname '*pidfd*' | wc --lines; }
before=$(watched) # of the bus
systemctl start igotchuu@j{1..32}
await 60 'the end of all' heard_at_least RunEnded 32
rules=$(busctl --json=short call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus.Debug.Stats GetConnectionStats s com.nyantec.igotchuu | jq '.data[0].PeakMatchRules.data')
[ "$rules" -le 16 ] || fail "igotchuud had $rules rules"
[ "$(watched)" = "$before" ] || fail "igotchuud watches $(watched) processes, not $before"
[ "$(heard | sort)" = "$expected" ] || fail "heard: $(heard)"
assert_host_as_before
