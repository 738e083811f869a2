// SPDX-License-Identifier: MIT
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace igotchuu
{

/// What is wrong with what was typed, on one line that a terminal can take; with the nearest option that there is.
[[nodiscard]] std::string fault_of(const CLI::App *app, const CLI::Error &error);

/// Of the value of an option: one of these, or a fault that names the nearest.
[[nodiscard]] CLI::Validator one_of(std::vector<std::string> words);

} // namespace igotchuu
