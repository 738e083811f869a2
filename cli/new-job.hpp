// SPDX-License-Identifier: MIT
#pragma once

#include "cli/verbs.hpp"

#include <string>

namespace igotchuu
{

/// A job file, with comments for whoever opens it.
[[nodiscard]] std::string job_text(const NewRequest &request);

} // namespace igotchuu
