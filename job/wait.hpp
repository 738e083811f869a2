// SPDX-License-Identifier: MIT
#pragma once

#include "job/job.hpp"
#include "job/toml-values.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace igotchuu
{

/// The keys of the table [wait].
[[nodiscard]] Wait wait_of(const Values &values);
/// Adds what cannot be meant to `faults`.
void check_wait(const Values &values, const Job &job, std::vector<Diagnostic> &faults);

/// "22:00-06:30", from the first to just before the second; over midnight where the second is the smaller. Of two equal times it is the whole day.
struct Hours {
    std::chrono::minutes from, to; ///< since midnight

    [[nodiscard]] bool contain(std::chrono::minutes now) const;
    [[nodiscard]] std::chrono::minutes length() const;
};
inline constexpr std::chrono::minutes shortest_hours{10};
[[nodiscard]] std::optional<Hours> parse_hours(std::string_view text);

/// "nas.example.org:22", "[fe80::1]:22".
struct Endpoint {
    std::string host, port;
};
[[nodiscard]] std::optional<Endpoint> parse_endpoint(std::string_view text);

} // namespace igotchuu
