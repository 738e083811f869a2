#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What zsh completes is typed at its prompt, on a terminal; fish is asked as its own prompt asks. Verbs, options, jobs of any name, repositories, files: what
# completion-knows-jobs-and-repositories has of bash.
. "$(dirname "$0")/stage.sh"

job home <<<'sources = ["/home"]'
job 'TV Shows' <<<'sources = ["/srv"]'
job 'a:b' <<<'sources = ["/srv"]'
printf -v odd 'odd\u202ename'
job "$odd" <<<'sources = ["/srv"]'
repository nas <<<'location = "/srv/nas"'
cd /etc/igotchuu

# A zsh at a prompt: Ctrl-T puts all that may stand there into the line, and says the words that it has become.
mkdir -p "$stage/zsh"
cat >"$stage/zsh/.zshrc" <<'ZSH'
autoload -Uz compinit && compinit -D
zle -C every complete-word _generic
zstyle ':completion:every:*' completer _all_matches _complete
zstyle ':completion:every:*' insert true
try() {
    local typed=$BUFFER
    local -a before=(${(z)LBUFFER% *})
    zle every -w
    local -a words=(${(Q)${(z)BUFFER}})
    [[ $BUFFER == $typed ]] && words=($before)
    print -r -- ${(j:,:)${(@o)words[$#before+1,-1]}}. >>$SAID
    BUFFER=
}
zle-line-init() { print ready >>$SAID }
zle -N try
zle -N zle-line-init
bindkey '^T' try
ZSH
: >"$stage/said"
mkfifo "$stage/keys"
SAID=$stage/said ZDOTDIR=$stage/zsh TERM=xterm LC_ALL=C.UTF-8 script --quiet --flush --command 'zsh -i' "$stage/terminal" <"$stage/keys" >/dev/null &
exec {keys}>"$stage/keys"
heard() { await 20 'a word of zsh' test -s "$stage/said"; cat "$stage/said"; : >"$stage/said"; }
[ "$(heard)" = ready ]

zsh_completes() { printf '%s\024' "$1" >&"$keys"; heard | sed 's/\.$//'; }
fish_completes() { LC_ALL=C.UTF-8 fish --command "complete --do-complete '$1'" | cut --fields 1 | LC_ALL=C sort | paste --serial --delimiters ,; }
wrong=0
is() { # EXPECTED TYPED
    local shell found
    for shell in zsh fish; do
        found=$("${shell}_completes" "$2")
        found=${found//\/,/,} found=${found%/} # zsh takes the slash of a directory away before the next word
        [ "$found" = "$1" ] || { echo "$shell makes of \"$2\": $found, not $1" >&2; wrong=1; }
    done
}

is 'start,status,stop' 'igotchuu st'
is status 'igotchuu stat'
is 'TV Shows,a:b,home,odd\xe2\x80\xaename' 'igotchuu start '
is home 'igotchuu start ho'
is 'a:b' 'igotchuu start a'
is 'odd\xe2\x80\xaename' 'igotchuu start od'
is home 'igotchuu start nothing ho'
is 'default,nas' 'igotchuu repository init '
is 'confirm,init,status' 'igotchuu repository '
is '--json' 'igotchuu status --js'
is 'job,notify,repository' 'igotchuu schema '
is '' 'igotchuu run home '
is 'defaults.toml,jobs,repositories' 'igotchuu validate '
is 'jobs/home.toml' 'igotchuu validate jobs/ho'
is 'jobs,repositories' 'igotchuu mount home '
is '/etc/igotchuu/jobs/home.toml' 'igotchuu versions /etc/igotchuu/jobs/ho'
is '' 'igotchuu new '
is '' 'igotchuu unknown '
exec {keys}>&-
[ $wrong = 0 ] || { cat "$stage/terminal"; fail 'not all is completed'; }
