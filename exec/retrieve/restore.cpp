// SPDX-License-Identifier: MIT
#include "exec/retrieve/adopt.hpp"
#include "exec/retrieve/ahead.hpp"
#include "exec/retrieve/listing.hpp"
#include "exec/retrieve/order.hpp"
#include "exec/retrieve/placement.hpp"
#include "exec/retrieve/plan.hpp"
#include "exec/retrieve/restoring.hpp"
#include "exec/retrieve/verbs.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"

#include <format>
#include <iostream>
#include <memory>
#include <sys/stat.h>

namespace igotchuu::retrieve
{

namespace
{

json to_json(const Named &named)
{
    return {{"count", named.count}, {"first", named.first}};
}

json to_json(const Session::Found &found, Plan &plan, const Order &order)
{
    auto into = json::array();
    for (const auto &part : plan.parts())
        if (is_needed(part) || plan.parts().size() == 1)
            into.push_back(part.into);
    return {{"message", "plan"},
            {"repository", found.place.name()},
            {"id", found.snapshot.id},
            {"time", std::format("{:%FT%TZ}", found.snapshot.time)},
            {"host", found.snapshot.host},
            {"into", into},
            {"as", order.as ? order.as->name : ""},
            {"files", plan.files_made},
            {"directories", plan.directories_made},
            {"adapted", plan.adapted},
            {"replaced", to_json(plan.replaced)},
            {"newer", to_json(plan.newer)},
            {"left", to_json(plan.left)},
            {"in_the_way", to_json(plan.in_the_way)},
            {"same", plan.same},
            {"bytes", plan.bytes()},
            {"free", plan.available()}};
}

json to_json(const Placement &placement, const Plan &plan)
{
    return {{"message", "restored"},
            {"files", placement.files},
            {"directories", placement.directories},
            {"bytes", placement.bytes},
            {"missing", to_json(placement.missing)},
            {"unlike", to_json(placement.unlike)},
            {"refused", to_json(placement.refused)},
            {"changed_meanwhile", to_json(placement.changed_meanwhile)},
            {"in_the_way", to_json(plan.in_the_way)}};
}

/// The directory that --to names, where it is not there yet.
void make_directory(Part &part, const Way &way)
{
    if (part.directory)
        return;
    const RightsOf rights{way.as()};
    const auto name = part.into.substr(part.into.rfind('/') + 1);
    if (mkdirat(part.parent.get(), name.c_str(), 0700) < 0 && errno != EEXIST) // another part has made it
        fail(errno, "cannot make {}", printable(part.into));
    part.directory = way.enter(part.parent, name, part.into);
    if (!part.directory)
        throw Failure{std::format("{} is no directory", printable(part.into))};
    way.check_written(part.directory, part.into);
}

void restore_part(Restoring &restoring, Part &part, Placement &placement)
{
    const auto ended = restoring.wait();
    auto &staging = restoring.staging();
    placement.check(part, staging.files(), restoring.complaints().incomplete());
    for (const auto &path : restoring.complaints().unlike())
        placement.unlike.note(part.into + path);
    if (!keeps_attributes(staging.files())) { // of which files had some, restic's list says nothing
        std::cerr << std::format(
            "igotchuu: the file system at {} keeps no extended attributes and no ACLs: what had some has lost them\n",
            printable(part.into));
        placement.unlike.note(part.into);
    }
    if (!ended.end.succeeded() && ended.words.errors() == 0) // and has not said of which
        placement.missing.note(part.into);
    placement.place(part, staging.files());
    staging.remove();
    if (!ended.end.succeeded() && placement.missing.count > 0)
        std::cerr << "igotchuu: " << restoring.explained(ended) << '\n';
}

bool is_told_to_go(Conversation &conversation, const StopRequest &stop)
{
    const auto answer = conversation.hear();
    stop.check();
    return answer && answer->value("go", false);
}

/// Whether nothing comes, though something is wanted that is not here.
bool is_blocked(const Plan &plan)
{
    return !plan.restores() && plan.in_the_way.count > 0;
}

ExitStatus status_of(const Placement &placement, const Plan &plan)
{
    const auto short_of = placement.missing.count + placement.unlike.count + placement.refused.count +
                          placement.changed_meanwhile.count + plan.in_the_way.count;
    if (short_of == 0)
        return ExitStatus::success;
    return placement.files + placement.directories > 0 ? ExitStatus::partial : ExitStatus::failed;
}

} // namespace

void restore(Session &session, const json &request)
{
    const auto order = order_of(request);
    const Way way{order.as, order.to};
    Ahead ahead{session, request, order, way};
    auto [found, root] = listed(session, request, order.paths);
    Plan plan{way, order.overwrite};
    if (order.to.empty())
        plan.in_place(root);
    else
        plan.beside(root, order.paths, order.to);
    const bool has_begun = ahead.serves(found, plan);
    session.conversation().say(to_json(found, plan, order));
    plan.check_space();
    session.ends_with(is_blocked(plan) && !order.dry_run ? ExitStatus::partial : ExitStatus::success);
    if (order.dry_run || !is_told_to_go(session.conversation(), session.stop()))
        return;
    Placement placement{way};
    for (auto &part : plan.parts()) {
        if (is_needed(part)) {
            make_directory(part, way);
            const auto restoring =
                has_begun ? ahead.take() : std::make_unique<Restoring>(session, found.place, found.snapshot.id, part, way);
            restore_part(*restoring, part, placement);
        }
        placement.adapt(part);
    }
    session.conversation().say(to_json(placement, plan));
    session.ends_with(status_of(placement, plan));
}

} // namespace igotchuu::retrieve
