// SPDX-License-Identifier: MIT
#include "job/sources.hpp"

#include <format>
#include <unordered_map>

namespace igotchuu
{

namespace
{

/// "" for "/"
std::string_view parent(std::string_view path)
{
    if (path == "/")
        return {};
    const auto slash = path.rfind('/');
    return slash == 0 ? path.substr(0, 1) : path.substr(0, slash);
}

std::string where(const Text &text)
{
    return std::format("{}:{}:{}", text.place.file, text.place.line, text.place.column);
}

} // namespace

void find_overlaps(std::span<const Text> sources, std::vector<Diagnostic> &faults)
{
    std::unordered_map<std::string_view, const Text *> known; // each path asks for its own parents: a long list stays quick
    for (const auto &source : sources)
        if (const auto [first, is_new] = known.try_emplace(source.text, &source); !is_new)
            faults.push_back(
                source.place.says(std::format("sources: \"{}\" is listed twice, first at {}", source.text, where(*first->second))));
    for (const auto &[path, source] : known)
        for (auto above = parent(path); !above.empty(); above = parent(above))
            if (const auto outer = known.find(above); outer != known.end())
                faults.push_back(source->place.says(
                    std::format("sources: \"{}\" is inside \"{}\" ({}), which is backed up with all that is in it", path, above,
                                where(*outer->second))));
}

} // namespace igotchuu
