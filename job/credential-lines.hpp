// SPDX-License-Identifier: MIT
#pragma once

#include "job/job.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu
{

/// What a unit that uses the repository needs in [Service] for its credentials, values as they are meant: ImportCredential= of the stores, plain or
/// sealed alike, unless the repository names a file. Of a credential that is not there the unit gets `no_credential`, so that igotchuu-exec can tell
/// its name: otherwise the unit ends with 243 before it begins. systemd.exec(5).
inline constexpr std::string_view no_credential = "\n\n"; // one of nothing at all is refused
[[nodiscard]] std::vector<UnitSetting> credential_lines(const Repository &repository);

/// Where the unit has a credential from, in words: the same words are the same place.
struct CredentialSource {
    std::string id, from;
};
inline constexpr std::string_view credential_stores = "the credential stores";
/// Of each credential that credential_lines() ask for, once. Of two files of one name systemd takes the last.
[[nodiscard]] std::vector<CredentialSource> credential_sources(const Repository &repository);
/// Of LoadCredential= and LoadCredentialEncrypted=, which alone go before what another line of the unit has; nothing of other keys, and of a path with a
/// specifier, which only systemd can resolve.
[[nodiscard]] std::optional<CredentialSource> credential_source(const UnitSetting &setting);

/// Whether a line of a job's own table [service] is about credentials: what looks into its repositories without that service needs it as well.
[[nodiscard]] bool is_about_credentials(const UnitSetting &setting);

} // namespace igotchuu
