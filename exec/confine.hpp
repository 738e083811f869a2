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

/// The start of an argument list: what is appended runs with `capabilities` (setpriv(1): "-all,+sys_admin") and nothing else, in every set, and can
/// gain nothing; with those that we have, and no prefix, for empty `capabilities`. It is interrupted when this process dies. Needs CAP_SETPCAP; without it setpriv ends with 127 and the program never runs.
/// capabilities(7).
[[nodiscard]] std::vector<std::string> limited_to(const std::string &setpriv, const std::string &capabilities);

/// For restic: CAP_DAC_READ_SEARCH, with the effective user and the group of `as` where that is given, else as who we are: the real user stays ours,
/// so that we may signal it. Needs CAP_SETUID and CAP_SETGID, too, for `as`.
[[nodiscard]] std::vector<std::string> confined(const std::string &setpriv, const std::optional<Owner> &as);

enum class Restored { as_it_was, for_a_person };
/// For restic where it restores, into a directory that is root's alone: what it takes to give files their owners, modes and attributes back; for a person no capability but
/// CAP_DAC_READ_SEARCH, for the repository, so that nothing comes of it that the person could not have: all is root's, until somebody gives it to the person.
[[nodiscard]] std::vector<std::string> confined_to_restore(const std::string &setpriv, Restored restored);

} // namespace igotchuu
