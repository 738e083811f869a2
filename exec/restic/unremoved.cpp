// SPDX-License-Identifier: MIT
#include "exec/restic/unremoved.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <ranges>

namespace igotchuu::restic
{

namespace
{

/// "unable to remove snapshot/ID from the repository", and of one that cannot be loaded by its id: "Ignoring "ID": why". What is gone has nobody left there.
bool says_that_one_stays(std::string_view line)
{
    return line.starts_with("unable to remove ") || (line.starts_with("Ignoring ") && !line.contains("no matching ID"));
}

bool is_hexadecimal(char character)
{
    return std::string_view{"0123456789abcdef"}.contains(character);
}

} // namespace

Unremoved::Unremoved(std::span<const PlannedSnapshot> asked)
{
    std::ranges::transform(asked, std::inserter(asked_, asked_.end()), &PlannedSnapshot::id);
}

void Unremoved::hear(std::string_view line)
{
    constexpr std::size_t shortest = 8; // that restic shows of an id
    if (!says_that_one_stays(line))
        return;
    if (word_.empty())
        word_ = line;
    for (const auto part : line | std::views::chunk_by([](char a, char b) { return is_hexadecimal(a) == is_hexadecimal(b); })) {
        const std::string_view digits{part};
        const auto found = asked_.lower_bound(digits);
        if (digits.size() >= shortest && found != asked_.end() && found->starts_with(digits))
            left_.insert(*found);
    }
}

} // namespace igotchuu::restic
