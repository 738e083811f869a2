#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Few descriptors, no threads, no memory: the run fails with the true word, or works; it never says that all is well while something is missing, and
# what it leaves behind in the worst case the next run takes away.
. "$(dirname "$0")/stage.sh"

new_btrfs /mnt/top
new_source /mnt/top d /srv/d
echo x >/srv/d/x
for number in {1..40}; do btrfs --quiet subvolume create "/srv/d/nested $number"; done
stand_in <<<'ls -d "/srv/d/nested "*/ | wc -l >$here/nested; echo "$summary"'
systemctl start igotchuu@d
remember_host

limited() { admin <<<$'[Service]\n'"$1"; }
with() {                                                          # LINE: a run in the unit; its outcome is in $outcome
    limited "$1"
    systemctl start igotchuu@d 2>/dev/null || true
    outcome=$(last d .outcome)
    [ "$(exit_status igotchuu@d)" != 0 ] || [ "$outcome" = success ] || fail "$1: exit 0, outcome $outcome"
}

# too few for the nested subvolumes, enough for the rest: partial, and it is the limit of open files that is blamed, not nested-max
with LimitNOFILE=140
assert_outcome d partial
assert_says "$(last d .message)" '20 nested subvolumes are beyond what the limit of 140 open files allows (LimitNOFILE=)'
assert_says "$(journal_of igotchuu@d)" '20 subvolumes are not in the backup: beyond what the limit of 140 open files allows'
assert_host_as_before

# few, and very few: what a unit cannot even begin with is tried by hand
by_hand() {                                                       # SHELL-COMMAND WORDS…: a run under that limit fails with one of the words, or works
    local limit=$1 status before word
    shift
    before=$(last d .invocation_id)
    (eval "$limit" && exec /usr/libexec/igotchuu-exec backup d) 2>"$stage/said" && status=0 || status=$?
    [ "$before" = "$(last d .invocation_id)" ] || echo "$(last d .outcome)" >>"$stage/outcomes"
    case $status in
    0) assert_outcome d success ;;
    3) assert_outcome d partial ;;
    *) for word; do ! grep --quiet --fixed-strings "$word" "$stage/said" || break; done
        grep --quiet --fixed-strings "$word" "$stage/said" || fail "$limit: exit status $status: $(cat "$stage/said")" ;;
    esac
    assert_host_as_before
}
for number in {5..21} 40 100; do
    by_hand "ulimit -n $number" 'Too many open files'
done
for outcome in failed partial; do
    grep --quiet "$outcome" "$stage/outcomes" || fail "no run was $outcome: this tests nothing"
done

# no memory for the stack of a thread: more transactions, which are counted, and every snapshot
with $'LimitSTACK=1G\nLimitAS=600M'
assert_outcome d success
[ "$(cat /srv/stand-in/nested)" = 40 ] || fail 'a snapshot is missing'
[ "$(last d .instants)" -gt 1 ] || fail 'there was memory for threads: this tests nothing'
assert_host_as_before

# no memory at all, little by little more
for size in {9000..14000..250}; do
    by_hand "ulimit -v $size" 'Cannot allocate memory' 'bad_alloc' 'cannot open shared object file' 'failed to map segment' \
        'Fatal glibc error: cannot allocate' 'cannot allocate TLS data structures' \
        'terminate called'                                                # not even for an exception: a death like any other
done
limited ''
systemctl start igotchuu@d
assert_outcome d success
assert_host_as_before
