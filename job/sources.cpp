// SPDX-License-Identifier: MIT
#include "job/sources.hpp"

#include <format>
#include <unordered_map>

namespace igotchuu
{

namespace
{

std::string where(const Text &text)
{
    return std::format("{}:{}:{}", text.place.file, text.place.line, text.place.column);
}

} // namespace

void find_repeated(std::span<const Text> sources, std::vector<Diagnostic> &faults)
{
    std::unordered_map<std::string_view, const Text *> known;
    for (const auto &source : sources)
        if (const auto [first, is_new] = known.try_emplace(source.text, &source); !is_new)
            faults.push_back(
                source.place.says(std::format("sources: \"{}\" is listed twice, first at {}", source.text, where(*first->second))));
}

} // namespace igotchuu
