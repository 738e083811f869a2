// SPDX-License-Identifier: MIT
#include "job/redact.hpp"

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

std::string redacted(std::string_view text, std::string_view ends)
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

} // namespace

std::string redacted(std::string_view text)
{
    return redacted(text, "/ \t\r\n");
}

std::string redacted_location(std::string_view location)
{
    return redacted(location, "/");
}

} // namespace igotchuu
