// SPDX-License-Identifier: MIT
#include "job/redact.hpp"

#include "job/rclone-remote.hpp"

#include <algorithm>

namespace igotchuu
{

namespace
{

constexpr auto npos = std::string_view::npos;

/// How long the password is that begins `text`, which follows "//USER:": up to its last '@'; npos: there is none. A quote or a bracket may be of the password,
/// and of the message around it. What `ends` the address does not where a person left it in the password unescaped: then what is before it is no port either.
std::size_t password_length(std::string_view text, std::string_view ends)
{
    const auto server = text.substr(0, text.find_first_of(ends));
    if (const auto at = server.rfind('@'); at != npos)
        return at > 0 ? at : npos;
    if (server.substr(0, server.find_first_of("\"'<>")).find_first_not_of("0123456789") == npos)
        return npos;
    return text.substr(0, std::min(text.find_first_of("\r\n"), text.find("://"))).rfind('@'); // rather too much than too little
}

std::string without_passwords(std::string_view text, std::string_view ends)
{
    std::string shown;
    for (auto start = text.find("//"); start != npos; start = text.find("//")) {
        shown += text.substr(0, start + 2);
        text.remove_prefix(start + 2);
        const auto server = text.substr(0, text.find_first_of(ends));
        const auto colon = server.find_first_of(":@");
        if (colon == npos || server[colon] != ':' || server.starts_with('[')) // [IPv6]:port
            continue;
        const auto length = password_length(text.substr(colon + 1), ends);
        if (length == npos)
            continue;
        shown += text.substr(0, colon + 1);
        shown += "***";
        text.remove_prefix(colon + 1 + length);
    }
    return shown.append(text);
}

/// How long the value is that begins `text`, in rclone's notation: one in quotes ends with the same one, and a doubled quote is of the value. Where it is shown in a message, the
/// quotes may be escaped.
std::size_t value_length(std::string_view text, std::string_view ends)
{
    const auto quote = text.find_first_not_of('\\');
    if (quote == npos || (text[quote] != '"' && text[quote] != '\''))
        return std::min(text.find_first_of(ends), text.size());
    const auto mark = text.substr(0, quote + 1);
    auto end = text.find(mark, mark.size());
    while (end != npos && text.substr(end + mark.size()).starts_with(mark))
        end = text.find(mark, end + 2 * mark.size());
    return end == npos ? text.size() : end + mark.size();
}

std::string without_secret_parameters(std::string_view text, std::string_view ends)
{
    std::string shown;
    for (auto comma = text.find(','); comma != npos; comma = text.find(',')) {
        shown += text.substr(0, comma + 1);
        text.remove_prefix(comma + 1);
        const auto name = parameter_at(text);
        if (!may_be_secret(name))
            continue;
        shown += text.substr(0, name.size() + 1);
        shown += "***";
        text.remove_prefix(name.size() + 1);
        text.remove_prefix(value_length(text, ends));
    }
    return shown.append(text);
}

} // namespace

std::string redacted(std::string_view text)
{
    return without_secret_parameters(without_passwords(text, "/ \t\r\n"), ",: \t\r\n\"'");
}

std::string redacted_location(std::string_view location)
{
    const auto shown = without_passwords(location, "/");
    return shown.starts_with("rclone:") ? without_secret_parameters(shown, ",:") : shown; // in a path it is of the name
}

} // namespace igotchuu
