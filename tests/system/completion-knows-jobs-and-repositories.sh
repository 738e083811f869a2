#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What bash completes: verbs, options, jobs of any name, repositories, files. No restic, no bus; a name that no terminal shows as it is comes as its unit's instance.
. "$(dirname "$0")/stage.sh"

# complete WORD…: what bash makes of the last one.
completed() {
    env --chdir=/etc/igotchuu bash --norc -c '
        . /usr/share/bash-completion/completions/igotchuu
        compopt() { echo "($2)"; }
        COMP_WORDS=(igotchuu "$@") COMP_CWORD=$#
        _igotchuu
        printf "%s\n" "${COMPREPLY[@]}"' _ "$@" | sort | paste --serial --delimiters ,
}
is() {
    local expected=$1
    shift
    [ "$(completed "$@")" = "$expected" ] || fail "$* becomes $(completed "$@"), not $expected"
}

job home <<<'sources = ["/home"]'
job 'TV Shows' <<<'sources = ["/srv"]'
printf -v odd 'odd\u202ename'
job "$odd" <<<'sources = ["/srv"]'
repository nas <<<'location = "/srv/nas"'

is 'start,status,stop' st
is status stat
is 'TV\ Shows,home,odd\\xe2\\x80\\xaename' start ''
is home start ho
is home start nothing ho
is 'TV\ Shows' start 'TV\ S'
is 'TV Shows' start '"TV S' # the line editor leaves the quote, and closes it
is 'TV Shows' start "'TV S"
is 'odd\\xe2\\x80\\xaename' start 'odd\\xe'
is 'default,nas' restore --repository =
is nas restore --repository = n
is home start '"TV Shows"' ho
is 'default,nas' repository init ''
is 'confirm,init,status' repository ''
is '--json' status --js
is 'job,notify,repository' schema ''
is '' run home ''
is ',(default)' validate ''
is ',(default)' new home ''
is ',(dirnames)' mount home ''
is ',(default)' versions /srv/
is ',(default)' restore ./jo
is ',(default)' ls '~/'
is '' new ''
is '' unknown ''
strace --quiet --follow-forks --trace=execve,connect --output="$stage/calls" igotchuu complete start '' >/dev/null
[ "$(grep --count --extended-regexp 'execve|connect' "$stage/calls")" = 1 ] || fail "it does more than it needs: $(cat "$stage/calls")"
[ "$(igotchuu complete start ho)" = $'home\tjob' ] || fail 'without a shell'

# Of snapshots it knows what the job's record says, and asks nobody.
new_btrfs /mnt/top
new_source /mnt/top d /srv/d
fill /srv/d few
cheap_repository r
job d <<<$'sources = ["/srv/d"]\nrepositories = ["r"]'
reload
systemctl start igotchuu@d
id=$(newest d)
rm -r /srv/cheap/r
is "${id:0:8}" restore d --snapshot ''
is "${id:0:8}" ls d --snapshot "${id:0:3}"
is "(default),${id:0:8}" diff d ''
is '' ls home --snapshot ''
