// SPDX-License-Identifier: MIT
#pragma once

#include "job/search-path.hpp"

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu
{

// What a reload has to do beside systemd's own, which keeps the timer of a file that is gone, and does not start that of a new one.

/// Of org.freedesktop.systemd1(5): those that can be timers of ours.
inline constexpr std::array timer_patterns{"igotchuu@*.timer", "igotchuu-fresh@*.timer", "igotchuu-maintenance@*.timer"};

/// A timer that systemd has loaded, org.freedesktop.systemd1(5).
struct KnownTimer {
    std::string name{}, load_state{}, active_state{};
    // The answers to its question; the list of all units has them not.
    std::string fragment_path{}, unit_file_state{};
    bool has_run = false; ///< its ActiveEnterTimestamp is not 0
};

/// Our generator wrote its file, or it is a template, and nobody has enabled it. Of a timer that was asked for its origin.
[[nodiscard]] bool is_made_by_generator(const KnownTimer &timer);

/// By the timer's name: whether its file surely asks for it. Of a file that is broken, or for root's eyes alone, only systemd knows.
using WantedTimers = std::map<std::string, bool>;
/// Of all jobs and repositories. Throws std::system_error when a directory of them cannot be read.
[[nodiscard]] WantedTimers wanted_timers(const SearchPath &path);

/// What has to be asked of a timer that is loaded after the reload.
enum class TimerQuestion { none, origin /* fragment_path, unit_file_state */, past /* has_run */ };
[[nodiscard]] TimerQuestion question_about(const KnownTimer &timer, const WantedTimers &wanted);

/// Names of timers.
struct TimerPlan {
    std::vector<std::string> gone{}; ///< no file asks for them: to be stopped, and then forgotten
    std::vector<std::string> unusable{}; ///< the same, since systemd does not understand their file
    std::vector<std::string> start{}; ///< one that is masked cannot be, and is to stay so
    std::vector<std::string> stay{}; ///< wanted, and stopped by somebody
};
/// What is to be done with the timers that are loaded `now`, after a reload; `before` are those from before it. A timer that an administrator wrote, enabled, masked or stopped is
/// left alone.
[[nodiscard]] TimerPlan plan_timers(const WantedTimers &wanted, const std::vector<KnownTimer> &before,
                                    const std::vector<KnownTimer> &now);

} // namespace igotchuu
