// SPDX-License-Identifier: MIT
#pragma once

#include "job/toml-values.hpp"

#include <span>
#include <vector>

namespace igotchuu
{

/// A fault for each of these normalised paths that is there twice.
void find_repeated(std::span<const Text> sources, std::vector<Diagnostic> &faults);

} // namespace igotchuu
