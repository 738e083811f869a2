// SPDX-License-Identifier: MIT
#include "exec/retrieve/ahead.hpp"

#include "exec/restic/look.hpp"
#include "exec/retrieve/chosen.hpp"
#include "job/error.hpp"
#include "job/state-files.hpp"

#include <algorithm>
#include <iostream>

namespace igotchuu::retrieve
{

namespace
{

/// As restic lists a file.
void add_unknown(Wanted &root, const std::string &path)
{
    add_listed(root, json{{"struct_type", "node"}, {"type", "file"}, {"path", path}}.dump());
}

/// The newest snapshot of the job in its only repository, as far as this machine knows. Empty: it knows of none.
std::string newest_known(Session &session, const json &request)
{
    const auto *const place = session.only_place();
    if (place == nullptr || !session.job() || !is_newest(request))
        return {};
    const auto record = read_record({}, session.job()->instance).value_or(Record{});
    for (const auto &run : record.history)
        for (const auto &result : run.repositories)
            if (result.repository == place->name() && has_snapshot(result.outcome) && !result.summary.snapshot_id.empty())
                return result.summary.snapshot_id;
    return {};
}

} // namespace

Ahead::Ahead(Session &session, const json &request, const Order &order, const Way &way)
    : plan_{way, order.overwrite}, snapshot_{order.confirmed && !order.dry_run ? newest_known(session, request) : std::string{}}
{
    try {
        if (!snapshot_.empty() && plans(order) && !Staging::is_left(plan_.parts().front().directory, snapshot_))
            restoring_ = std::make_unique<Restoring>(session, *session.only_place(), snapshot_, plan_.parts().front(), way);
    } catch (const std::exception &) { // the plan meets it, too
    }
}

Ahead::~Ahead()
{
    end();
}

/// Whether nothing of it is here, and all of it comes to one directory that is.
bool Ahead::plans(const Order &order)
{
    if (std::ranges::any_of(order.paths, [](const auto &path) { return path == "/" || restic::is_vague(path); }))
        return false;
    for (const auto &path : order.paths)
        add_unknown(root_, path);
    if (order.to.empty())
        plan_.in_place(root_);
    else
        plan_.beside(root_, order.paths, order.to);
    auto &parts = plan_.parts();
    if (parts.size() != 1 || !parts.front().directory || plan_.files_made != order.paths.size())
        return false;
    parts.front().free = plan_.available();
    return true;
}

bool Ahead::serves(const Session::Found &found, Plan &plan)
{
    if (!restoring_)
        return false;
    const auto &mine = plan_.parts().front();
    const auto is_mine = [&](const Part &part) {
        return part.from == mine.from && part.into == mine.into && patterns_of(part) == patterns_of(mine);
    };
    if (found.snapshot.id != snapshot_ || plan.parts().size() != 1 || !is_mine(plan.parts().front())) {
        end();
        return false;
    }
    plan.parts().front().free = mine.free;
    return true;
}

void Ahead::end() noexcept
try {
    if (const auto unfinished = take())
        unfinished->give_up();
} catch (const std::exception &error) {
    std::cerr << "igotchuu: " << error.what() << '\n';
}

} // namespace igotchuu::retrieve
