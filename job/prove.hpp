// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace igotchuu
{

/// How far a backup is compared with what it was made of: the key `prove`, and its values in the same order.
enum class Extent : std::uint8_t {
    off,
    sample, ///< some files, which are really restored
    full, ///< those, and all files and everything about them
};
inline constexpr std::array extents{Extent::off, Extent::sample, Extent::full};
inline constexpr std::array<std::string_view, extents.size()> extent_words{"off", "sample", "full"};
[[nodiscard]] constexpr std::string_view to_string(Extent extent)
{
    return extent_words[static_cast<std::size_t>(extent)];
}

/// The keys prove and prove-….
struct Prove {
    Extent extent = Extent::off;
    std::chrono::days every{7}; ///< for how long a proof holds; 0: not beyond its run
    std::uint32_t files = 20; ///< that are really restored, at most
    std::chrono::minutes minutes{240}; ///< for one repository

    friend bool operator==(const Prove &, const Prove &) = default;
};

} // namespace igotchuu
