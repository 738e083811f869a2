// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace igotchuu
{

struct Owner {
    uid_t user;
    gid_t group;
};

/// The start of an argument list: what is appended runs with CAP_DAC_READ_SEARCH and nothing else, in every set, and can gain nothing. With the
/// effective user and the group of `as` where that is given, else as who we are: the real user stays ours, so that we may signal it. It is interrupted when this process dies. Needs CAP_SETPCAP (and CAP_SETUID, CAP_SETGID for `as`);
/// without them setpriv ends with 127 and the program never runs. setpriv(1), capabilities(7).
[[nodiscard]] std::vector<std::string> confined(const std::string &setpriv, const std::optional<Owner> &as);

} // namespace igotchuu
