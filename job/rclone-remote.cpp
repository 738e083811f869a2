// SPDX-License-Identifier: MIT
#include "job/rclone-remote.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace igotchuu
{

namespace
{

/// In any part of a name: password, passphrase, secret_access_key, token, sas_url, service_account_credentials, access_grant, headers.
constexpr auto signs = std::to_array<std::string_view>(
    {"pass", "secret", "token", "key", "credential", "sas_url", "access_grant", "cookie", "header"});
/// At its end: key_file, token_url, access_key_id, password_command, key_use_agent, key_exchange, ask_password, pass_bad_blocks.
constexpr auto harmless = std::to_array<std::string_view>(
    {"_file", "token_url", "_id", "_name", "_command", "_use_agent", "key_exchange", "ask_password", "pass_bad_blocks"});

} // namespace

bool may_be_secret(std::string_view parameter)
{
    std::string name{parameter};
    std::ranges::replace(name, '-', '_');
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return std::ranges::any_of(signs, [&](auto sign) { return name.contains(sign); }) &&
           std::ranges::none_of(harmless, [&](auto end) { return name.ends_with(end); });
}

std::string_view parameter_at(std::string_view text)
{
    const auto end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");
    return end != text.npos && text[end] == '=' ? text.substr(0, end) : std::string_view{};
}

std::string secret_parameter(std::string_view location)
{
    constexpr std::string_view scheme = "rclone:";
    if (!location.starts_with(scheme))
        return {};
    location.remove_prefix(scheme.size());
    const auto remote = location.substr(0, location.rfind(':'));
    for (auto comma = remote.find(','); comma != remote.npos; comma = remote.find(',', comma + 1))
        if (const auto name = parameter_at(remote.substr(comma + 1)); may_be_secret(name))
            return std::string{name};
    return {};
}

} // namespace igotchuu
