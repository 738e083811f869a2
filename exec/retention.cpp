// SPDX-License-Identifier: MIT
#include "exec/retention.hpp"

#include "exec/judge.hpp"
#include "job/diagnostic.hpp"

#include <algorithm>
#include <utility>

namespace igotchuu
{

namespace
{

constexpr std::chrono::days put_off_at_most{3}; // a first upload may take as long

} // namespace

void spare(restic::Plan &plan, std::string_view snapshot_id)
{
    const auto is_it = [&](const auto &planned) { return planned.id == snapshot_id || planned.original == snapshot_id; };
    const auto spared = std::ranges::find_if(plan.remove, is_it);
    if (snapshot_id.empty() || spared == plan.remove.end())
        return;
    spared->reasons = {"last proven"};
    plan.keep.push_back(std::move(*spared));
    plan.remove.erase(spared);
}

bool may_be_put_off(const Record &record, std::string_view repository, Clock::time_point now)
{
    auto since = now;
    for (const auto &run : record.history) {
        const auto result = std::ranges::find(run.repositories, repository, &RepositoryResult::repository);
        if (result == run.repositories.end() || !result->retention)
            continue;
        if (result->retention->hold != Hold::locked && result->retention->hold != Hold::failed)
            return now - since <= put_off_at_most;
        since = run.ended;
    }
    return now - since <= put_off_at_most && (since == now || record.history.size() < Record::history_max);
}

Retention forget_old(const Job &job, const restic::Starter &starter, const restic::Access &access, const RepositoryResult &result,
                     std::span<const SourcePlace> sources, const Record &record)
{
    Retention retention;
    try {
        auto plan = restic::plan_to_forget(starter, access, job);
        if (const auto *const last = last_proven(record, result.repository))
            spare(plan, last->snapshot_id);
        retention.kept = static_cast<std::uint32_t>(plan.keep.size());
        retention.planned = static_cast<std::uint32_t>(plan.remove.size());
        auto [hold, why] = judge({plan, result, sources, record.history});
        retention.hold = hold;
        retention.why = std::move(why);
        if (hold == Hold::none) {
            const auto removal = restic::forget(starter, access, plan.remove);
            retention.removed = removal.removed;
            if (!removal.why_not.empty())
                retention.hold =
                    removal.locked && may_be_put_off(record, result.repository, Clock::now()) ? Hold::locked : Hold::failed;
            retention.why = printable(removal.why_not);
        }
    } catch (const std::exception &error) {
        retention.hold = Hold::failed;
        retention.why = printable(error.what());
    }
    return retention;
}

} // namespace igotchuu
