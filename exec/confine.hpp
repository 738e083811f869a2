// SPDX-License-Identifier: MIT
#pragma once

#include "exec/person.hpp"

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

/// The start of an argument list: what is appended runs with `capabilities` (setpriv(1): "-all,+sys_admin") and nothing else, in every set, and can
/// gain nothing; with those that we have, and no prefix, for empty `capabilities`. It is interrupted when this process dies. Needs CAP_SETPCAP; without it setpriv ends with 127 and the program never runs.
/// capabilities(7).
[[nodiscard]] std::vector<std::string> limited_to(const std::string &setpriv, const std::string &capabilities);

/// For restic: CAP_DAC_READ_SEARCH, with the effective user and the group of `as` where that is given, else as who we are: the real user stays ours,
/// so that we may signal it. Needs CAP_SETUID and CAP_SETGID, too, for `as`.
[[nodiscard]] std::vector<std::string> confined(const std::string &setpriv, const std::optional<Owner> &as);

/// For restic where it restores: what it takes to give files their owners, modes and attributes back; of a person no capability but CAP_DAC_READ_SEARCH, for the repository,
/// with that person's rights. The real user stays ours here, too: a person who could trace restic would read the repository's key in it. ptrace(2).
[[nodiscard]] std::vector<std::string> confined_to_restore(const std::string &setpriv, const std::optional<Person> &as);

} // namespace igotchuu
