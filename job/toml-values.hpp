// SPDX-License-Identifier: MIT
#pragma once

#include "job/diagnostic.hpp"
#include "job/job.hpp"
#include "job/schema.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu
{

/// Where a value stands; `file` is the caller's text and has to outlive it. Empty: nowhere, it is a default.
struct Place {
    std::string_view file;
    std::uint32_t line = 0, column = 0;

    [[nodiscard]] Diagnostic says(std::string message) const { return {std::string{file}, line, column, std::move(message)}; }
};

struct Text {
    std::string text;
    Place place;
};

/// A key of a unit_section with its lines, one an element; or a variable with the form of it and what that says.
struct Setting {
    std::string key;
    std::vector<std::string> values;
};

/// The value of one key; the KeyType of its Key says what is set. One that was found faulty is there, and empty.
struct Value {
    Place place;
    std::int64_t number = 0; ///< flag, count; switched_section: 0 for false
    std::vector<Text> texts; ///< the lists; text, duration, path, choice: one element
    std::vector<std::vector<Text>> programs; ///< program_list; none of them is empty
    std::vector<Setting> settings; ///< unit_section and switched_section, in the order of the file; variables
};
using Values = std::map<std::string_view, Value>; ///< by Key::name

struct Findings {
    std::vector<Diagnostic> faults, warnings;
};

/// Reads a TOML text against a list of keys. Every fault of it is added to `findings`; false: the text is no TOML, and nothing of it was read.
bool read_values(std::string_view file, std::string_view text, std::span<const Key> keys, Values &values, Findings &findings);

/// The lines of a table of systemd's keys, one for each value.
[[nodiscard]] std::vector<UnitSetting> settings_of(const Values &values, std::string_view key);

/// Lays `above` over `values`: its keys replace theirs, and the settings of its unit sections theirs, one by one.
void overlay(Values &values, Values above);

} // namespace igotchuu
