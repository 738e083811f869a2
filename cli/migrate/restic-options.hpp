// SPDX-License-Identifier: MIT
#pragma once

#include "cli/migrate/migration.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu::migrate
{

/// Takes the arguments of `restic backup`, its global ones among them, into the job and the target; each one is taken, or said to be left out, or a fault: an option
/// that is not known may have a value, and nobody could tell that from a path. Returns the words that are no options.
std::vector<Text> take_arguments(std::span<const Text> arguments, Found &found, Findings &findings);

/// Whether restic has an option --NAME that take_arguments() knows.
[[nodiscard]] bool is_option(std::string_view name);

/// A rule of `restic forget`: "keep-daily", "7". False: it is none.
bool take_keep(std::string_view name, const Text &value, Job &job, Findings &findings);

/// A variable of restic's environment.
void take_variable(std::string_view name, const Text &value, Found &found, Findings &findings);

/// A path of the input as a source, without what is there already. Of one that no job may have it is a fault.
void take_source(const Text &source, Job &job, Findings &findings);

/// The command that prints a password, in one line as restic takes it, with the absolute path that the program has on this machine.
void take_password_command(const Text &line, Target &target, Findings &findings);
/// The program of an argument list by its absolute path, which it is given where it has none.
void find_program(std::vector<std::string> &words, const Place &place, Findings &findings);

/// What a restic that was used without snapshots did otherwise.
void say_what_is_frozen(const Place &place, Findings &findings);

} // namespace igotchuu::migrate
