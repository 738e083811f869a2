# SPDX-License-Identifier: MIT
# To follow README.md as a person would: source it after stage.sh. Nothing makes a directory but what the page says.

systemd-tmpfiles --create igotchuu.conf # as it stands under "Install": another test may have removed what that had made

# section TITLE: its blocks, in their order.
section() {
    local line block='' language='' in_section=0 in_block=0
    while IFS= read -r line; do
        case $in_block$line in
        0'## '*) [ "$line" = "## $1" ] && in_section=1 || in_section=0 ;;
        0'```'*) in_block=1 language=${line#'```'} block='' ;;
        1'```') in_block=0; [ $in_section = 0 ] || follow "$language" "$block" ;;
        1*) block+=$line$'\n' ;;
        esac
    done <"$(dirname "$0")/../../README.md"
}
follow() {
    local file
    case $1 in
    toml) file=$(sed -n '1s/^# //p' <<<"$2") && printf '%s' "$2" >"$file" ;;
    '') bash -euo pipefail -c "$2" </dev/null | tee --append "$stage/said" || fail "README.md says: $2" ;; # through a pipe: a recovery key goes to no file
    esac
}
