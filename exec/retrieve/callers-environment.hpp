// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace igotchuu::retrieve
{

/// "NAME=value" of our own environment, as far as restic or a program of its takes from there how it gets to a repository: AWS_ACCESS_KEY_ID and its like. For one of which
/// nothing is configured here. https://restic.readthedocs.io/en/stable/040_backup.html "Environment Variables"
[[nodiscard]] std::vector<std::string> callers_environment();

} // namespace igotchuu::retrieve
