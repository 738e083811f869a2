// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace igotchuu
{

/// A recovery key is a password of a repository for paper: eight groups of four capitals and digits, of which none looks like another (no 0, O, 1, I), with
/// dashes between them: 160 bits.
inline constexpr std::size_t recovery_key_bytes = 20;
inline constexpr std::string_view recovery_key_alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

[[nodiscard]] std::string recovery_key_of(const std::array<unsigned char, recovery_key_bytes> &random);

/// A recovery key as a person has typed it, in its exact form: small letters, spaces and missing dashes do no harm. Or a sentence that says why it is none.
[[nodiscard]] std::expected<std::string, std::string> typed_recovery_key(std::string_view typed);

/// The last group of a recovery key; and whether a person has typed that.
[[nodiscard]] std::string_view last_group(std::string_view key);
[[nodiscard]] bool is_last_group(std::string_view key, std::string_view typed);

/// What is said until somebody is known to have the recovery key of a repository.
[[nodiscard]] std::string nag_about_recovery_key(std::string_view repository);

} // namespace igotchuu
