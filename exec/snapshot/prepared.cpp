// SPDX-License-Identifier: MIT
#include "exec/snapshot/prepared.hpp"

#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/normal-path.hpp"

#include <algorithm>
#include <format>

namespace igotchuu::command
{

namespace
{

constexpr std::string_view form = "a line a source is expected: SOURCE, a tab, DIRECTORY";

[[noreturn]] void refuse(std::string_view line, std::string_view why)
{
    throw Failure{std::format("prepare printed \"{}\": {}", printable(line, 200), why)};
}

} // namespace

std::vector<std::string> parse_prepared(std::string_view printed, std::span<const std::string> sources)
{
    std::vector<std::string> directories(sources.size());
    while (!printed.empty()) {
        const auto end = std::min(printed.find('\n'), printed.size());
        const auto line = printed.substr(0, end);
        printed.remove_prefix(std::min(end + 1, printed.size()));

        const auto tab = line.find('\t');
        if (tab == line.npos && sources.size() != 1)
            refuse(line, form);
        const auto source = tab == line.npos ? sources.begin() : std::ranges::find(sources, line.substr(0, tab));
        if (source == sources.end())
            refuse(line, "that is none of this backup's sources; " + std::string{form});
        auto &directory = directories[static_cast<std::size_t>(source - sources.begin())];
        if (!directory.empty())
            refuse(line, "there is a line about that source already");
        const auto path = normal_path(line.substr(tab == line.npos ? 0 : tab + 1));
        if (!path)
            refuse(line, printable(path.error(), 300)); // which quotes it whole
        directory = *path;
    }
    for (std::size_t i = 0; i < sources.size(); ++i)
        if (directories[i].empty())
            throw Failure{
                std::format("prepare printed no directory for {}: {}, or use the key \"prepared\"", printable(sources[i]), form)};
    return directories;
}

} // namespace igotchuu::command
