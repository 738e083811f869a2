// SPDX-License-Identifier: MIT
#include "cli/kept.hpp"

#include "job/amount.hpp"
#include "job/diagnostic.hpp"

#include <format>

namespace igotchuu
{

std::string why_kept(const KeptInstant &instant, const Wanting &wanting)
{
    return std::format("the instant of {} is kept for {}, absent since {}: {} ({} pending)", time_text(instant.instant),
                       printable(wanting.repository), time_text(wanting.since), printable(wanting.why, 300), IGOTCHUU_EXEC);
}

} // namespace igotchuu
