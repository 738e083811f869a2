// SPDX-License-Identifier: MIT
#include "job/toml-scan.hpp"

#include <algorithm>
#include <format>

namespace igotchuu
{

namespace
{

constexpr std::size_t parts_max = 16, depth_max = 16;

/// The offset after the string that starts at `at`. One without an end ends with its line, or with the text.
std::size_t end_of_string(std::string_view text, std::size_t at)
{
    const char quote = text[at];
    const std::string three(3, quote);
    const bool has_lines = text.substr(at).starts_with(three);
    for (at += has_lines ? 3 : 1; at < text.size(); ++at) {
        if (quote == '"' && text[at] == '\\') {
            ++at;
        } else if (!has_lines) {
            if (text[at] == quote || text[at] == '\n')
                return at + 1;
        } else if (text.substr(at).starts_with(three)) {
            const auto end = std::min(text.find_first_not_of(quote, at), text.size());
            return std::min(end, at + 5); // two more quotes may stand before the three that close it
        }
    }
    return text.size();
}

Excess excess(std::string_view text, std::size_t at, std::string message)
{
    const auto before = text.substr(0, at);
    const auto line = before.substr(before.rfind('\n') + 1); // npos + 1 is 0
    return {static_cast<std::uint32_t>(std::ranges::count(before, '\n') + 1),
            static_cast<std::uint32_t>(std::ranges::count_if(line, [](char c) { return (c & 0xc0) != 0x80; }) + 1),
            std::move(message)};
}

} // namespace

std::optional<Excess> find_excess(std::string_view text)
{
    std::size_t parts = 1, depth = 0;
    for (std::size_t at = 0; at < text.size();) {
        switch (text[at]) {
        case '"':
        case '\'':
            at = end_of_string(text, at);
            continue;
        case '#':
            at = std::min(text.find('\n', at), text.size());
            continue;
        case '.': // of a key or of a number: no sound number has more than one
            if (++parts > parts_max)
                return excess(text, at, std::format("a key has more than {} parts", parts_max));
            break;
        case '[':
        case '{':
            if (++depth > depth_max)
                return excess(text, at, std::format("more than {} arrays and tables inside one another", depth_max));
            parts = 1;
            break;
        case ']':
        case '}':
            depth -= depth > 0;
            parts = 1;
            break;
        case '=':
        case ',':
        case '\n':
            parts = 1;
            break;
        default:
            break;
        }
        ++at;
    }
    return {};
}

} // namespace igotchuu
