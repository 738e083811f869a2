#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# SIGTERM as a run makes one of its system calls, from the first to the last: it ends with 130 and "stopped", or with a whole backup; or it dies (143),
# and then it has not begun. And a job that is stopped and started again at once, a hundred times, is never stuck.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
btrfs --quiet subvolume create /srv/d/nested
echo x >/srv/d/x
stand_in <<<'echo "$summary"'
systemctl start igotchuu@d
remember_host
trace() { strace --output "$stage/trace" "$@" /usr/libexec/igotchuu-exec backup d 2>/dev/null; }
record() { cat /var/lib/igotchuu/jobs/d.json; }

trace
grep --only-matching '^[a-z_0-9]*(' "$stage/trace" | tr --delete '(' | awk '{print $1, ++times[$1]}' >"$stage/calls" # as strace counts them
begins=$(grep --line-number --max-count 1 '^flock ' "$stage/calls" | cut --delimiter : --fields 1)
declare -A seen
for ((call = 2; call < $(wc --lines <"$stage/calls"); call += call < begins - 30 ? 16 : 7)); do
    read -r name nth < <(sed --quiet "${call}p" "$stage/calls")
    before=$(record)
    trace "--inject=$name:signal=TERM:when=$nth" && status=0 || status=$?
    seen[$status]=$((${seen[$status]-0} + 1))
    case $status in
    130) [ "$before" != "$(record)" ] || fail "$name $nth: 130, and no word in the record"; assert_outcome d stopped ;;
    0) [ "$before" != "$(record)" ] || fail "$name $nth: a success, and no word in the record"; assert_outcome d success ;;
    143) [ "$before" = "$(record)" ] && ((call < begins)) || fail "$name $nth: it died in mid-run" ;;
    *) fail "$name $nth: exit status $status: $(last d .message)" ;;
    esac
    assert_host_as_before
done
echo "of $call system calls: ${seen[143]-0} × died before anything, ${seen[130]-0} × stopped, ${seen[0]-0} × complete"
((${seen[143]-0} > 2 && ${seen[130]-0} > 20 && ${seen[0]-0} > 2)) || fail 'not all kinds of ends were seen'

stand_in <<<$'trap "exit 130" INT\nsleep 0.03\necho "$summary"'
for ((time = 0; time < 100; time++)); do
    systemctl start --no-block igotchuu@d
    sleep "0.0$((RANDOM % 10))"                                   # whatever it is at
    timeout 20 systemctl stop igotchuu@d || fail 'it does not stop'
done
systemctl start igotchuu@d
assert_outcome d success
assert_host_as_before
