// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace igotchuu
{

// Amounts as a person reads them, in every locale the same.

[[nodiscard]] std::string number_text(std::uint64_t number); ///< "1,234,567"
[[nodiscard]] std::string bytes_text(std::uint64_t bytes); ///< "512 B", "1.2 GiB": at most four digits, IEC units
[[nodiscard]] std::string
duration_text(std::chrono::microseconds duration); ///< "0.4 ms", "850 ms", "4.2 s", "1 min 20 s", "2 h 5 min"
[[nodiscard]] std::string
time_left_text(std::chrono::seconds left); ///< "45 s", "3 min", "2 h 5 min": no more than an estimate knows
[[nodiscard]] std::string time_text(std::chrono::system_clock::time_point time); ///< "2026-11-25 03:00:07", of the machine's zone
[[nodiscard]] std::string counted(std::uint64_t count, std::string_view one, std::string_view many); ///< "1 file", "2 files"

} // namespace igotchuu
