// SPDX-License-Identifier: MIT
#include "exec/restic/unsound.hpp"

#include "exec/restic/cause.hpp"

#include <algorithm>

namespace igotchuu::restic
{

namespace
{

/// "pack ID contains 2 errors: [blob …: ciphertext verification failed partial download error: connection lost]"
bool is_of_faulty_pack(std::string_view line)
{
    return line.contains(" errors: [") && !line.contains(" contains 1 errors: [partial download error: ");
}

bool is_of_damage(std::string_view line)
{
    return is_damage(line) || is_of_faulty_pack(line);
}

/// What a tree says of its files has their names, and a name may be any words.
bool is_of_tree(std::string_view line)
{
    return line.starts_with("  tree ");
}

/// Of packs that it could not list restic says that none is there.
bool is_missing_pack(std::string_view line)
{
    return line.starts_with("pack ") && line.ends_with(": does not exist");
}

/// Whether it says of nothing that it is wrong, or only once more of a file of which that was said before.
bool says_nothing_new(std::string_view line)
{
    constexpr std::string_view heads[] = {
        "Fatal: repository contains errors",
        "The repository is damaged and must be repaired.",
        "The repository index is damaged and must be repaired.",
        "The repository contains damaged pack files.",
        "The repository contains damaged snapshot files.",
        "Damaged pack files can be caused by ",
        "Damaged snapshot files can be caused by ",
        "restic repair packs ",
        "restic repair snapshots ",
        "error for tree ", // they follow, a line each
        "subprocess ssh: ",
        "rclone: ",
    };
    constexpr std::string_view signs[] = {
        " returned error, retrying after ", ") operation successful after ",
        "circuit breaker open for file <", // that could not be read a moment ago
    };
    return std::ranges::any_of(heads, [&](std::string_view head) { return line.starts_with(head); }) ||
           std::ranges::any_of(signs, [&](std::string_view sign) { return line.contains(sign); });
}

} // namespace

void Unsound::hear(std::string_view line)
{
    if (is_of_damage(line)) {
        other_ = damaged_ = true;
    } else if (is_of_tree(line)) {
        other_ = true;
    } else if (says_nothing_new(line)) {
        return;
    } else if (is_of_connection(line)) {
        cut_off_ = true;
        unlisted_ = unlisted_ || line.starts_with("List(data) failed: ");
    } else if (!unlisted_ || !is_missing_pack(line)) {
        other_ = true;
    }
}

} // namespace igotchuu::restic
