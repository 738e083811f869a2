// SPDX-License-Identifier: MIT
#include "exec/notify/told.hpp"

#include <algorithm>
#include <format>

namespace igotchuu
{

namespace
{

std::string word_of(std::string_view way, std::string_view trouble)
{
    return std::format("{}/{}", way, trouble);
}

/// "INSTANCE:" of a trouble.
std::string_view whose(std::string_view trouble)
{
    return trouble.substr(0, trouble.rfind(':') + 1);
}

} // namespace

bool Told::is_news(std::string_view way, const std::vector<std::string> &troubles) const
{
    return std::ranges::any_of(troubles,
                               [&](const auto &trouble) { return !std::ranges::contains(words_, word_of(way, trouble)); });
}

void Told::add(std::string_view way, const std::vector<std::string> &troubles)
{
    for (const auto &trouble : troubles)
        if (auto word = word_of(way, trouble); !std::ranges::contains(words_, word))
            words_.push_back(std::move(word));
}

void Told::forget_what_is_over(const std::vector<std::string> &troubles)
{
    std::erase_if(words_, [&](const std::string &word) {
        const auto trouble = std::string_view{word}.substr(word.find('/') + 1);
        return std::ranges::none_of(troubles, [&](const auto &now) { return whose(now) == whose(trouble); });
    });
}

} // namespace igotchuu
