# SPDX-License-Identifier: MIT
# What may come next is asked of igotchuu itself, which reads the names of files for it and starts nothing. The word "/" stands for files, "//" for directories.
function __igotchuu_candidates
    set -l words (commandline --tokenize --cut-at-cursor --current-process) (commandline --current-token --cut-at-cursor)
    for line in (igotchuu complete $words[2..] 2>/dev/null)
        if string match --quiet --regex '^/\t' -- $line
            __fish_complete_path (commandline --current-token --cut-at-cursor)
        else if string match --quiet --regex '^//\t' -- $line
            __fish_complete_directories (commandline --current-token --cut-at-cursor)
        else
            echo $line
        end
    end
end
complete --command igotchuu --no-files --arguments '(__igotchuu_candidates)'
