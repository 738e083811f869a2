// SPDX-License-Identifier: MIT
#include "cli/kept.hpp"

#include "job/amount.hpp"
#include "job/diagnostic.hpp"

#include <format>

namespace igotchuu
{

std::string why_kept(const KeptInstant &instant, const Wanting &wanting)
{
    const auto until = put_off_until(wanting, Clock::now());
    const auto state = until ? "where its backup was disproved, not sent again before " + time_text(*until)
                             : "absent since " + time_text(wanting.since);
    return std::format("the instant of {} is kept for {}, {}: {} ({} pending)", time_text(instant.instant),
                       printable(wanting.repository), state, printable(wanting.why, 300), IGOTCHUU_EXEC);
}

} // namespace igotchuu
