// SPDX-License-Identifier: MIT
#include "job/diagnostic.hpp"

#include "job/utf8.hpp"

#include <algorithm>
#include <array>
#include <format>
#include <numeric>

namespace igotchuu
{

namespace
{

/// What moves a cursor, ends a line or turns the order of what follows (Unicode UAX #9, "Trojan Source").
bool is_shown_raw(char32_t code)
{
    const auto in = [&](char32_t first, char32_t last) { return code >= first && code <= last; };
    return !(code < 0x20 || in(0x7f, 0x9f) || code == 0x061c || in(0x200e, 0x200f) || in(0x2028, 0x202e) || in(0x2066, 0x2069));
}

char folded(char c)
{
    if (c >= 'A' && c <= 'Z')
        return static_cast<char>(c - 'A' + 'a');
    return c == '_' ? '-' : c;
}

/// How many letters have to be inserted, removed, replaced or swapped with their neighbour (optimal string alignment). Case does not count.
std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> older(b.size() + 1), previous(b.size() + 1), row(b.size() + 1);
    std::iota(previous.begin(), previous.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const auto x = folded(a[i - 1]), y = folded(b[j - 1]);
            row[j] = std::min({previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (x != y)});
            if (i > 1 && j > 1 && x == folded(b[j - 2]) && folded(a[i - 2]) == y)
                row[j] = std::min(row[j], older[j - 2] + 1);
        }
        older.swap(previous);
        previous.swap(row);
    }
    return previous.back();
}

std::string one_a_line(const std::vector<Diagnostic> &diagnostics)
{
    std::string text;
    for (const auto &diagnostic : diagnostics) {
        if (!text.empty())
            text += '\n';
        text += to_string(diagnostic);
    }
    return text;
}

} // namespace

std::string printable(std::string_view text, std::size_t limit)
{
    constexpr std::string_view ellipsis = "…";
    std::string shown;
    std::size_t cut = 0; // where "…" would still fit
    while (!text.empty()) {
        const auto character = decode(text);
        const auto size = character ? character->size : 1;
        if (character && is_shown_raw(character->code))
            shown += text.substr(0, size);
        else
            for (const char c : text.substr(0, size))
                shown += std::format("\\x{:02x}", static_cast<unsigned char>(c));
        text.remove_prefix(size);
        if (shown.size() > limit) {
            shown.resize(cut);
            return limit < ellipsis.size() ? shown : shown.append(ellipsis);
        }
        if (shown.size() + ellipsis.size() <= limit)
            cut = shown.size();
    }
    return shown;
}

std::string to_string(const Diagnostic &diagnostic)
{
    auto message = printable(diagnostic.message);
    if (diagnostic.file.empty())
        return message;
    const auto file = printable(diagnostic.file);
    if (diagnostic.line == 0)
        return std::format("{}: {}", file, message);
    return std::format("{}:{}:{}: {}", file, diagnostic.line, diagnostic.column, message);
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> known)
{
    constexpr std::size_t longest = 64; // no key is longer, and a file may hold a word of 256 KiB
    std::string_view best;
    if (word.size() > longest)
        return best;
    auto least = longest;
    for (const auto candidate : known) {
        if (candidate.size() > longest)
            continue;
        const auto off = distance(word, candidate);
        if (off < least && off <= std::max(std::size_t{1}, std::max(word.size(), candidate.size()) / 3) && off < candidate.size()) {
            least = off;
            best = candidate;
        }
    }
    return best;
}

ConfigError::ConfigError(std::vector<Diagnostic> diagnostics)
    : diagnostics_{std::move(diagnostics)}, text_{one_a_line(diagnostics_)}
{
}

} // namespace igotchuu
