// SPDX-License-Identifier: MIT
#pragma once

#include <CLI/CLI.hpp>

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace igotchuu
{

/// What was typed, to be done: returns the exit status.
using Command = std::function<int()>;

/// What igotchuu is, and all verbs, below `app`. Parsing puts the one that was typed into `chosen`.
void add_verbs(CLI::App &app, Command &chosen);

/// Throws UsageError when `words`, what was typed, has no verb where there has to be one; the sentence names the nearest.
void check_verbs(const CLI::App &app, std::span<const std::string> words);

} // namespace igotchuu
