# SPDX-License-Identifier: MIT
# What may come next is asked of igotchuu itself, which reads the names of files for it and starts nothing. The word "/" stands for files, "//" for directories.

# _igotchuu_plain WORD: as the shell takes it, in $plain. $quote is the one that is still open at its end.
_igotchuu_plain() {
    local at char
    plain='' quote=''
    for ((at = 0; at < ${#1}; ++at)); do
        char=${1:at:1}
        case $quote$char in
        \'\' | \"\") quote='' ;;
        \' | \") quote=$char ;;
        \\ | \"\\) # between double quotes it stands for itself before most
            [[ -n $quote && ${1:at+1:1} != [\\\"\$\`] ]] && plain+=$char
            ((++at))
            plain+=${1:at:1}
            ;;
        *) plain+=$char ;;
        esac
    done
}
_igotchuu() {
    local plain quote word at
    local -a typed=()
    COMPREPLY=()
    for ((at = 1; at <= COMP_CWORD; ++at)); do
        if [[ ${COMP_WORDS[at]} == = && ${COMP_WORDS[at - 1]} == --* ]]; then # bash takes --option=value for three words
            ((at < COMP_CWORD)) || typed+=('')
        else
            _igotchuu_plain "${COMP_WORDS[at]}"
            typed+=("$plain")
        fi
    done
    while IFS=$'\t' read -r word _; do
        if [ "$word" = / ]; then
            compopt -o default
        elif [ "$word" = // ]; then
            compopt -o dirnames
        elif [ "$quote" = \" ]; then
            word=${word//\\/\\\\} word=${word//\"/\\\"} word=${word//\$/\\\$}
            COMPREPLY+=("${word//\`/\\\`}")
        elif [ "$quote" = \' ]; then
            COMPREPLY+=("${word//\'/\'\\\'\'}")
        else
            COMPREPLY+=("$(printf %q "$word")")
        fi
    done < <(igotchuu complete "${typed[@]}" 2>/dev/null)
}
complete -F _igotchuu igotchuu
