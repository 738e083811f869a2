// SPDX-License-Identifier: MIT
#include "job/redact.hpp"

namespace igotchuu
{

namespace
{

constexpr auto npos = std::string_view::npos;

/// The end of the password that starts at `from`: its last '@'. A '/' ends the address, but not where a person left one in the password
/// unescaped: then what is before it is no port either.
std::size_t password_end(std::string_view address, std::size_t from)
{
    const auto slash = address.find('/');
    if (const auto at = address.substr(0, slash).rfind('@'); at != npos)
        return at > from ? at : npos;
    const auto port = address.substr(from, slash == npos ? npos : slash - from);
    return port.find_first_not_of("0123456789") == npos ? npos : address.rfind('@');
}

} // namespace

std::string redacted(std::string_view text)
{
    std::string shown;
    for (auto start = text.find("//"); start != npos; start = text.find("//")) {
        shown += text.substr(0, start + 2);
        text.remove_prefix(start + 2);
        const auto address = text.substr(0, text.find_first_of(" \t\r\n\"'<>"));
        const auto colon = address.find_first_of(":/@");
        if (colon == npos || address[colon] != ':' || address.starts_with('[')) // [IPv6]:port
            continue;
        const auto end = password_end(address, colon + 1);
        if (end == npos)
            continue;
        shown += text.substr(0, colon + 1);
        shown += "***";
        text.remove_prefix(end);
    }
    return shown.append(text);
}

} // namespace igotchuu
