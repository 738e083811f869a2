// SPDX-License-Identifier: MIT
#include "exec/restic/unkept.hpp"

#include "job/amount.hpp"
#include "job/diagnostic.hpp"

#include <algorithm>
#include <array>
#include <format>
#include <string_view>
#include <utility>

namespace igotchuu::restic
{

namespace
{

/// Who stays for a rule, seen from a snapshot that does not.
struct Kept {
    std::size_t newer = 0;
    const PlannedSnapshot *nearest = nullptr; ///< of the newer ones
    bool is_older = false; ///< one is older
};

/// restic says "daily snapshot", and "daily within 30d".
Kept kept_for(std::string_view reason, const PlannedSnapshot &snapshot, const Plan &plan)
{
    Kept kept;
    for (const auto &one : plan.keep) {
        if (std::ranges::none_of(one.reasons, [&](const std::string &text) { return text.starts_with(reason); }))
            continue;
        if (one.time < snapshot.time) {
            kept.is_older = true;
            continue;
        }
        ++kept.newer;
        if (kept.nearest == nullptr || one.time < kept.nearest->time)
            kept.nearest = &one;
    }
    return kept;
}

std::string_view period_of(std::string_view rule)
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> periods{
        {{"hourly", "hour"}, {"daily", "day"}, {"weekly", "week"}, {"monthly", "month"}, {"yearly", "year"}}};
    const auto *const found = std::ranges::find(periods, rule, &decltype(periods)::value_type::first);
    return found == periods.end() ? std::string_view{} : found->second;
}

std::string stays_for(const PlannedSnapshot &newer, std::string_view period)
{
    return std::format("{} stays for that {}", newer.id.substr(0, 8), period);
}

/// While a rule still has places, only one of the same period can have kept it from one.
std::string why_not_counted(const PlannedSnapshot &snapshot, const Plan &plan, const KeepRule &rule)
{
    const auto kept = kept_for(rule.name + " snapshot", snapshot, plan);
    if (rule.value != std::to_string(kept.newer) && kept.nearest != nullptr && rule.name != "last")
        return stays_for(*kept.nearest, period_of(rule.name));
    return std::format("{} for it", counted(kept.newer, "newer one stays", "newer ones stay"));
}

std::string why_not_within(const PlannedSnapshot &snapshot, const Plan &plan, std::string_view rule)
{
    const auto kept = kept_for(std::format("{} within ", rule), snapshot, plan);
    if (kept.nearest == nullptr)
        return "it is older";
    const auto other = stays_for(*kept.nearest, period_of(rule));
    return kept.is_older ? other : "it is older, or " + other; // restic alone knows the zone that its days are of
}

std::string why_not(const PlannedSnapshot &snapshot, const Plan &plan, const KeepRule &rule)
{
    constexpr std::string_view within = "within-";
    if (rule.name == "tag")
        return "it has no such tag";
    if (rule.name == "within")
        return "it is older";
    return rule.name.starts_with(within) ? why_not_within(snapshot, plan, std::string_view{rule.name}.substr(within.size()))
                                         : why_not_counted(snapshot, plan, rule);
}

} // namespace

std::string why_unkept(const PlannedSnapshot &snapshot, const Plan &plan, std::span<const KeepRule> rules)
{
    std::string text;
    for (const auto &rule : rules)
        text += std::format("{}{} = {}: {}", text.empty() ? "" : "; ", rule.name == "tag" ? "tags" : rule.name,
                            printable(rule.value), why_not(snapshot, plan, rule));
    return text;
}

} // namespace igotchuu::restic
