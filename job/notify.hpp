// SPDX-License-Identifier: MIT
#pragma once

#include "job/diagnostic.hpp"
#include "job/job.hpp"
#include "job/search-path.hpp"

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu
{

/// What may be told: the keys mail.on and command.on, and their values in the same order.
enum class Occasion : std::uint8_t {
    failure, ///< no good backup, or no good maintenance
    recovery, ///< the first success after a failure
    success, ///< each other one
    stopped, ///< somebody asked for it
    start,
};
inline constexpr std::array<std::string_view, 5> occasions{"failure", "recovery", "success", "stopped", "start"};
[[nodiscard]] constexpr std::string_view name_of(Occasion occasion)
{
    return occasions[static_cast<std::size_t>(occasion)];
}

/// Who is told what came of a run: notify.toml.
struct Notify {
    std::vector<std::string> mail_to; ///< addresses or users; empty: no mail
    std::string mail_from; ///< empty: the mail system's own
    std::vector<Occasion> mail_on;
    std::vector<std::string> command; ///< an argument list; empty: none
    std::string command_user;
    std::vector<Occasion> command_on;
    Secret ping; ///< the address; empty: none
};

/// What notify.toml says, with its drop-ins; or everything that is wrong with it. Nothing: there is no such file. Throws std::system_error when the
/// directory cannot be read. Limits as of load_job().
[[nodiscard]] std::optional<std::expected<Notify, ConfigError>> load_notify(const SearchPath &path);

} // namespace igotchuu
