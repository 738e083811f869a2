// SPDX-License-Identifier: MIT
#include "exec/excluded.hpp"

#include "job/lies-below.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace igotchuu
{

namespace
{

std::vector<std::string> excluded_paths(const Job &job)
{
    std::vector<std::string> paths;
    for (const auto &pattern : job.exclude) {
        if (pattern.starts_with('!'))
            paths.clear();
        else if (pattern.starts_with('/') && pattern.find_first_of("*?[\\") == std::string::npos)
            paths.push_back((std::filesystem::path{pattern} / "").lexically_normal().parent_path().native());
    }
    std::erase(paths, "/");
    return paths;
}

} // namespace

bool is_excluded(const Job &job, std::string_view path)
{
    return lies_below_any(path, excluded_paths(job));
}

IsExcluded what_is_excluded(const Job &job, const Keep &keep)
{
    std::vector<std::string> needed{"/root"}; // what ssh and rclone read there
    for (const auto *paths : {&job.sources, &job.live, &keep.live, &keep.readable, &keep.programs})
        std::ranges::copy(*paths, std::back_inserter(needed));
    return [excluded = excluded_paths(job), needed = std::move(needed)](const std::string &path) {
        return lies_below_any(path, excluded) &&
               std::ranges::none_of(needed, [&](const auto &inner) { return lies_below(inner, path); });
    };
}

} // namespace igotchuu
