// SPDX-License-Identifier: MIT
#pragma once

#include "job/state.hpp"

#include <nlohmann/json.hpp>

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

/// The members of state files' objects, read strictly: each throws Malformed for a value of another kind, and what an older version did not write is nothing, or 0.
namespace igotchuu::state_json
{

using json = nlohmann::ordered_json;

/// The text is no state file of ours. Never leaves state-json.cpp.
struct Malformed {
};

[[nodiscard]] const json &member(const json &object, const char *key); ///< null: there is none
[[nodiscard]] std::string text(const json &object, const char *key);
[[nodiscard]] std::string text_if_any(const json &object, const char *key);

/// A name or a path as text; one that is not UTF-8 as the list of its bytes, as journald's JSON has it: lossless, and never ambiguous.
[[nodiscard]] json bytes_to_json(const std::string &bytes);
[[nodiscard]] std::string bytes_from_json(const json &value);
[[nodiscard]] std::string bytes_if_any(const json &object, const char *key);

[[nodiscard]] double fraction(const json &object, const char *key);
[[nodiscard]] bool flag(const json &object, const char *key);
[[nodiscard]] Clock::time_point time(const json &object, const char *key);

[[nodiscard]] std::int64_t usec(Clock::time_point time);
/// restic 0.18.0 calls a skipped run -9223372036.85 s long: that is 0.
[[nodiscard]] std::int64_t usec(double seconds);

/// get<T>() would cast a number that does not fit.
template <std::integral T>
[[nodiscard]] T number(const json &object, const char *key)
{
    const json &value = member(object, key);
    if (value.is_null())
        return 0;
    if (value.is_number_unsigned() && std::in_range<T>(value.get<std::uint64_t>()))
        return static_cast<T>(value.get<std::uint64_t>());
    if (value.is_number_integer() && !value.is_number_unsigned() && std::in_range<T>(value.get<std::int64_t>()))
        return static_cast<T>(value.get<std::int64_t>());
    throw Malformed{};
}

template <typename Enum>
[[nodiscard]] Enum one_of(std::span<const Enum> all, const std::string &word)
{
    for (const Enum value : all)
        if (to_string(value) == word)
            return value;
    throw Malformed{};
}

} // namespace igotchuu::state_json
