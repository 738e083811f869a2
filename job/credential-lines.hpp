// SPDX-License-Identifier: MIT
#pragma once

#include "job/job.hpp"

#include <vector>

namespace igotchuu
{

/// What a unit that uses the repository needs in [Service] for its credentials, values as they are meant: ImportCredential= of the stores, plain or
/// sealed alike, unless the repository names a file. Of a credential that is not there the unit gets an empty line, which igotchuu-exec can tell
/// by name: otherwise it ends with 243 before it begins. systemd.exec(5).
[[nodiscard]] std::vector<UnitSetting> credential_lines(const Repository &repository);

} // namespace igotchuu
