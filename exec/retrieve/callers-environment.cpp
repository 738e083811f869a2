// SPDX-License-Identifier: MIT
#include "exec/retrieve/callers-environment.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <unistd.h>

namespace igotchuu::retrieve
{

std::vector<std::string> callers_environment()
{
    constexpr std::array<std::string_view, 9> beginnings{"AWS_",    "AZURE_",       "B2_", "GOOGLE_",       "OS_",
                                                         "RCLONE_", "RESTIC_REST_", "ST_", "SSH_AUTH_SOCK="};
    std::vector<std::string> all;
    for (char **variable = environ; *variable != nullptr; ++variable)
        if (std::ranges::any_of(beginnings, [&](auto beginning) { return std::string_view{*variable}.starts_with(beginning); }))
            all.emplace_back(*variable);
    return all;
}

} // namespace igotchuu::retrieve
