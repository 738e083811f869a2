// SPDX-License-Identifier: MIT
#pragma once

#include "job/job.hpp"
#include "job/toml-values.hpp"

namespace igotchuu
{

/// As systemd's credential_name_valid(), without what is a pattern to ImportCredential=.
[[nodiscard]] bool is_credential_name(std::string_view text);

/// The repository that igotchuu ships: on this machine, made at its first use.
[[nodiscard]] Repository embedded_repository();

/// The repository that the values of `file` make, as far as they are sound; what is wrong with them is added to `faults`.
[[nodiscard]] Repository make_repository(std::string name, const std::string &file, const Values &values,
                                         std::vector<Diagnostic> &faults);

} // namespace igotchuu
