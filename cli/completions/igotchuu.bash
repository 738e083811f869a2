# SPDX-License-Identifier: MIT
# What may come next is asked of igotchuu itself, which reads the names of files for it and starts nothing. The word "/" stands for files, "//" for directories.
_igotchuu() {
    local word
    COMPREPLY=()
    while IFS=$'\t' read -r word _; do
        if [ "$word" = / ]; then
            compopt -o default
        elif [ "$word" = // ]; then
            compopt -o dirnames
        else
            COMPREPLY+=("$(printf %q "$word")")
        fi
    done < <(igotchuu complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _igotchuu igotchuu
