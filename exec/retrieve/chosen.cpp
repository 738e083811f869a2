// SPDX-License-Identifier: MIT
#include "exec/retrieve/chosen.hpp"

#include "exec/restic/snapshot-json.hpp"
#include "job/amount.hpp"
#include "job/error.hpp"

#include <algorithm>
#include <format>

namespace igotchuu::retrieve
{

namespace
{

Session::Found newest_until(Session &session, std::chrono::sys_time<std::chrono::nanoseconds> instant)
{
    std::optional<Session::Found> found;
    std::optional<restic::Stored> oldest;
    session.each([&](Place &place) {
        const auto &snapshots = place.snapshots(); // the newest first
        const auto fits = std::ranges::find_if(snapshots, [&](const auto &one) { return one.time <= instant; });
        if (fits != snapshots.end() && (!found || fits->time > found->snapshot.time))
            found.emplace(place, *fits);
        if (!snapshots.empty() && (!oldest || snapshots.back().time < oldest->time))
            oldest = snapshots.back();
    });
    if (found)
        return *found;
    if (!oldest)
        return session.find("latest"); // which says what there is instead
    throw Failure{
        std::format("there is no snapshot of {} or before; the oldest is of {}", time_text(instant), time_text(oldest->time))};
}

} // namespace

bool is_newest(const json &request)
{
    return request.value("at", "").empty() && request.value("snapshot", "latest") == "latest";
}

Session::Found chosen(Session &session, const json &request)
{
    if (const auto at = request.value("at", ""); !at.empty())
        return newest_until(session, restic::time_of({{"time", at}}));
    return session.find(request.value("snapshot", "latest"));
}

} // namespace igotchuu::retrieve
