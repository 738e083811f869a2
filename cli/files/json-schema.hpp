// SPDX-License-Identifier: MIT
#pragma once

#include "job/schema.hpp"

#include <span>
#include <string>
#include <string_view>

namespace igotchuu
{

/// A JSON Schema (draft 7, what taplo and VS Code know) of a file with these keys.
[[nodiscard]] std::string json_schema(std::string_view title, std::span<const Key> keys);

} // namespace igotchuu
