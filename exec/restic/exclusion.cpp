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

enum class Upto { begin, end };

/// Whether the pattern fits the path, or its begin: what lies below goes with it.
bool fits(std::span<const std::string> pattern, std::span<const std::string> path, Upto upto)
{
    if (pattern.empty())
        return upto == Upto::begin || path.empty();
    if (pattern.front() == "**") {
        for (std::size_t skipped = 0; skipped <= path.size(); ++skipped)
            if (fits(pattern.subspan(1), path.subspan(skipped), upto))
                return true;
        return false;
    }
    return !path.empty() && fnmatch(pattern.front().c_str(), path.front().c_str(), 0) == 0 &&
           fits(pattern.subspan(1), path.subspan(1), upto);
}

bool fits_somewhere(std::string_view pattern, std::string_view path, Upto upto)
{
    const auto wanted = parts_of(pattern), there = parts_of(path);
    if (wanted.empty())
        return false;
    if (pattern.starts_with('/'))
        return fits(wanted, there, upto);
    for (std::size_t from = 0; from < there.size(); ++from)
        if (fits(wanted, std::span{there}.subspan(from), upto))
            return true;
    return false;
}

} // namespace

bool excludes(std::string_view pattern, std::string_view path)
{
    return !pattern.starts_with('!') && fits_somewhere(pattern, path, Upto::begin);
}

bool fits_itself(std::string_view pattern, std::string_view path)
{
    return fits_somewhere(pattern, path, Upto::end);
}

} // namespace igotchuu::restic
