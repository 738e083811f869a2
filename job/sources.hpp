// SPDX-License-Identifier: MIT
#pragma once

#include "job/toml-values.hpp"

#include <span>
#include <vector>

namespace igotchuu
{

/// A fault for each of these normalised paths that is there twice or lies inside another: which of two snapshots would be right for it?
void find_overlaps(std::span<const Text> sources, std::vector<Diagnostic> &faults);

} // namespace igotchuu
