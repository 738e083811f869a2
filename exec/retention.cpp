// SPDX-License-Identifier: MIT
#include "exec/retention.hpp"

#include "exec/hold.hpp"
#include "job/diagnostic.hpp"

namespace igotchuu
{

Retention forget_old(const Job &job, const restic::Starter &starter, const restic::Access &access, const RepositoryResult &result,
                     std::span<const SourcePlace> sources, std::span<const Run> before)
{
    Retention retention;
    try {
        const auto plan = restic::plan_to_forget(starter, access, job);
        retention.kept = static_cast<std::uint32_t>(plan.keep.size());
        retention.planned = static_cast<std::uint32_t>(plan.remove.size());
        auto [hold, why] = judge({plan, result, sources, before});
        retention.hold = hold;
        retention.why = std::move(why);
        if (hold == Hold::none) {
            restic::forget(starter, access, plan.remove);
            retention.removed = retention.planned;
        }
    } catch (const std::exception &error) {
        retention.hold = Hold::failed;
        retention.why = printable(error.what());
    }
    return retention;
}

} // namespace igotchuu
