// SPDX-License-Identifier: MIT
#include "generator/unit-text.hpp"

#include <algorithm>
#include <format>
#include <ranges>
#include <stdexcept>

namespace igotchuu::generator
{

namespace
{

/// An odd number of backslashes at the end of a line joins it with the next one. A space after them ends that, and systemd strips it again.
void append_line(std::string &text, std::string_view line)
{
    if (std::ranges::any_of(line, [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; }))
        throw std::invalid_argument{"a control character cannot stand in a unit"};
    const auto backslashes = line.size() - (line.find_last_not_of('\\') + 1);
    text.append(line).append(backslashes % 2 ? " \n" : "\n");
}

const Filling &filling_of(std::string_view placeholder, std::span<const Filling> fillings)
{
    const auto found = std::ranges::find(fillings, placeholder, &Filling::placeholder);
    if (found == fillings.end())
        throw std::logic_error{std::format("nothing fills @{}@", placeholder)};
    return *found;
}

void append_filled(std::string &text, std::string_view line, std::span<const Filling> fillings)
{
    const auto start = line.find('@');
    const auto end = start == line.npos ? line.npos : line.find('@', start + 1);
    if (end == line.npos) {
        append_line(text, line);
        return;
    }
    for (const auto &value : filling_of(line.substr(start + 1, end - start - 1), fillings).values)
        append_line(text, std::format("{}{}{}", line.substr(0, start), value, line.substr(end + 1)));
}

} // namespace

std::string unit_value(std::string_view value)
{
    std::string escaped;
    for (const char c : value) {
        escaped += c;
        if (c == '%')
            escaped += c;
    }
    return escaped;
}

std::string list_element(std::string_view value)
{
    auto escaped = unit_value(value);
    if (!escaped.empty() && escaped.find_first_of(" '\"\\") == escaped.npos)
        return escaped;
    std::string quoted = "\"";
    for (const char c : escaped) {
        if (c == '"' || c == '\\')
            quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

std::string fill(std::string_view text, std::span<const Filling> fillings)
{
    std::string filled;
    for (const auto line : std::views::split(text.substr(0, text.find_last_not_of('\n') + 1), '\n'))
        append_filled(filled, std::string_view{line}, fillings);
    return filled;
}

} // namespace igotchuu::generator
