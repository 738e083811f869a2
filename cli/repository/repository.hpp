// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace igotchuu
{

// The commands `igotchuu repository …`. They print what a person wants to know, and throw std::exception for main to print.

struct InitRequest {
    std::string name;
    bool new_recovery_key = false; ///< in the place of the one that is there
};
[[nodiscard]] int init_repository(const InitRequest &request);

[[nodiscard]] int confirm_recovery_key(const std::string &name);

struct RepositoryStatusRequest {
    std::string name{}; ///< empty: all
    bool json = false;
};
[[nodiscard]] int show_repositories(const RepositoryStatusRequest &request);

} // namespace igotchuu
