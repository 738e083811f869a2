// SPDX-License-Identifier: MIT
#include "exec/restic/exclusion.hpp"

#include <fnmatch.h>
#include <ranges>
#include <span>
#include <vector>

namespace igotchuu::restic
{

namespace
{

using Parts = std::vector<std::string>;

Parts parts_of(std::string_view path)
{
    Parts parts;
    for (const auto part : path | std::views::split('/'))
        if (!part.empty())
            parts.emplace_back(part.begin(), part.end());
    return parts;
}

/// Whether the pattern fits the begin of the path: what lies below goes with it.
bool fits(std::span<const std::string> pattern, std::span<const std::string> path)
{
    if (pattern.empty())
        return true;
    if (pattern.front() == "**") {
        for (std::size_t skipped = 0; skipped <= path.size(); ++skipped)
            if (fits(pattern.subspan(1), path.subspan(skipped)))
                return true;
        return false;
    }
    return !path.empty() && fnmatch(pattern.front().c_str(), path.front().c_str(), 0) == 0 &&
           fits(pattern.subspan(1), path.subspan(1));
}

} // namespace

bool excludes(std::string_view pattern, std::string_view path)
{
    const auto wanted = parts_of(pattern), there = parts_of(path);
    if (wanted.empty() || pattern.starts_with('!'))
        return false;
    if (pattern.starts_with('/'))
        return fits(wanted, there);
    for (std::size_t from = 0; from < there.size(); ++from)
        if (fits(wanted, std::span{there}.subspan(from)))
            return true;
    return false;
}

} // namespace igotchuu::restic
