// SPDX-License-Identifier: MIT
#include "exec/restic/cause.hpp"
#include "exec/restic/secret.hpp"
#include "exec/restic/verdict.hpp"
#include "exec/retrieve/chosen.hpp"
#include "exec/retrieve/placement.hpp"
#include "exec/retrieve/plan.hpp"
#include "exec/retrieve/staging.hpp"
#include "exec/retrieve/verbs.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/lies-below.hpp"

#include <algorithm>
#include <array>
#include <format>
#include <iostream>
#include <ranges>
#include <set>
#include <sstream>
#include <sys/stat.h>

namespace igotchuu::retrieve
{

namespace
{

/// What a person wants back.
struct Order {
    std::vector<std::string> paths; ///< absolute; none lies below another
    std::string to; ///< absolute; empty: to where they were
    std::optional<Person> as;
    Overwrite overwrite = Overwrite::older;
    bool dry_run = false;
};

Overwrite overwrite_called(const std::string &word)
{
    if (word == "never")
        return Overwrite::never;
    return word == "always" ? Overwrite::always : Overwrite::older;
}

Order order_of(const json &request)
{
    Order order{.paths = request.value("paths", std::vector<std::string>{}),
                .to = request.value("to", ""),
                .as = {},
                .overwrite = overwrite_called(request.value("overwrite", "")),
                .dry_run = request.value("dry-run", false)};
    if (const auto as = request.value("as", ""); !as.empty() && as != "root")
        order.as = person_called(as);
    const bool are_absolute = std::ranges::all_of(order.paths, [](const auto &path) { return path.starts_with('/'); });
    if (order.paths.empty() || !are_absolute || (!order.to.empty() && !order.to.starts_with('/')))
        throw Failure{"what is restored, and where to, are absolute paths"};
    std::ranges::sort(order.paths);
    std::vector<std::string> apart;
    for (const auto &path : order.paths) // a directory comes before what is in it
        if (apart.empty() || !std::ranges::any_of(apart, [&](const auto &above) { return lies_below(path, above); }))
            apart.push_back(path);
    order.paths = std::move(apart);
    return order;
}

/// One start of restic on what was found.
restic::Ended start(const Session::Found &found, const restic::Verb &verb, const restic::Listener &listener)
{
    const auto &starter = found.place.starter();
    const restic::Starter own{.installation = starter.installation,
                              .features = starter.features,
                              .stop = starter.stop,
                              .listener = listener,
                              .starts = starter.starts};
    return restic::start(own, found.place.access(), verb);
}

void check_listing(const Session::Found &found, const restic::Ended &ended, const StopRequest &stop)
{
    stop.check();
    if (!ended.end.succeeded() || ended.words.errors() > 0)
        throw Failure{"restic could not list all of the snapshot: " +
                      restic::explain(found.place.repository(), ended.end, ended.words)};
}

/// The paths, with all that the snapshot has below them.
Wanted listed(const Session::Found &found, const std::vector<std::string> &paths, const StopRequest &stop)
{
    Wanted root;
    std::vector<std::string> arguments{"ls", found.snapshot.id, "--json", "--recursive", "--no-lock"};
    arguments.insert(arguments.end(), paths.begin(), paths.end());
    const restic::Verb verb{.arguments = std::move(arguments),
                            .line = [&](std::string_view line) { add_listed(root, line); },
                            .answers_within = std::chrono::nanoseconds::max(),
                            .reaches_within = found.place.repository().answer_timeout};
    check_listing(found, start(found, verb, found.place.starter().listener), stop);
    std::ranges::for_each(paths, [&](const auto &path) { take_for_way(root, path); });
    for (const auto &path : paths)
        if (const auto *const one = find(root, path); one == nullptr || (one->is_way() && path != "/"))
            throw Failure{std::format("the snapshot {} has no {}", found.snapshot.id.substr(0, 8), printable(path))};
    return root;
}

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

json to_json(const Progress &progress)
{
    return {{"message", "progress"},
            {"seconds_elapsed", progress.seconds_elapsed},
            {"total_bytes", progress.total_bytes},
            {"bytes_done", progress.bytes_done},
            {"total_files", progress.total_files},
            {"files_done", progress.files_done}};
}

/// What restic complains of goes on: up to ten lines of it. No more comes when the disk is full.
class Complaints
{
public:
    void hear(const std::string &line)
    {
        constexpr std::uint64_t most = 10;
        is_full_ = is_full_ || line.ends_with("no space left on device") || line.ends_with("disk quota exceeded");
        if (!line.contains("operation not permitted") && ++count_ <= most) // an owner that cannot be restored is counted by us
            std::cerr << "restic: " << line << '\n';
    }
    /// Of a file that it cannot restore whole, restic sets size and times all the same (0.17 to 0.19).
    void hear(const restic::FileError &error)
    {
        const auto &text = error.message;
        if (text.contains("xattr."))
            unlike_.insert(error.item);
        if (!text.ends_with("operation not permitted") && !text.ends_with("operation not supported")) // rights and attributes
            incomplete_.insert(error.item);
    }
    [[nodiscard]] bool is_full() const noexcept { return is_full_; }
    [[nodiscard]] const std::set<std::string> &incomplete() const noexcept { return incomplete_; }
    [[nodiscard]] const std::set<std::string> &unlike() const noexcept { return unlike_; }

private:
    std::uint64_t count_ = 0;
    bool is_full_ = false;
    std::set<std::string> incomplete_, unlike_; ///< as restic calls them, from the directory on that it restores
};

restic::Verb restore_verb(const Session::Found &found, const Part &part, const Staging &staging, const Fd &patterns,
                          const Order &order, Complaints &complaints)
{
    std::vector<std::string> arguments{"restore",
                                       std::format("{}:{}", found.snapshot.id, part.from),
                                       "--target=" + staging.target(),
                                       std::format("--exclude-file=/proc/self/fd/{}", patterns.get()),
                                       "--sparse",
                                       "--overwrite=always", // what an earlier one has left is believed by its contents alone
                                       "--json"};
    if (restic::foreign_owner(found.place.repository())) // root writes nothing where somebody else may put links
        arguments.insert(arguments.end(), {"--no-lock", "--no-cache"});
    else
        arguments.emplace_back("--retry-lock=1m");
    return {.arguments = std::move(arguments),
            .inherited = {staging.inherited(), patterns.get()},
            .confinement = confined_to_restore(found.place.starter().installation.setpriv,
                                               order.as ? Restored::for_a_person : Restored::as_it_was),
            .error = [&](const restic::FileError &error) { complaints.hear(error); }};
}

/// Throws where what has come is not to get to its place.
void check_end(const Session::Found &found, const restic::Ended &ended, const Complaints &complaints, Staging &staging,
               const StopRequest &stop)
{
    if (complaints.is_full()) {
        staging.remove();
        throw Failure{std::format("the disk is full; nothing of it was brought to its place, and what had come to {} is gone again",
                                  printable(staging.path()))};
    }
    const bool is_cut_off = !ended.end.succeeded() && restic::is_out_of_reach(ended.words.cause());
    const bool has_tried_all = ended.end.succeeded() || ended.words.has_summary();
    if (!ended.end.interrupted && ended.end.signal == 0 && !is_cut_off && has_tried_all)
        return;
    if (staging.is_resumable())
        std::cerr << std::format("igotchuu: what has come is in {}: the same again goes on from there; to give it up: rm -r it\n",
                                 printable(staging.path()));
    else
        staging.remove();
    stop.check();
    throw Failure{restic::explain(found.place.repository(), ended.end, ended.words)};
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

void restore_part(Session &session, const Session::Found &found, Part &part, const Way &way, const Order &order,
                  Placement &placement)
{
    make_directory(part, way);
    Staging staging{part.directory, part.into, found.snapshot.id, way};
    const Fd patterns = restic::sealed(patterns_of(part));
    Complaints complaints;
    const restic::Listener listener{[&](const Progress &progress) { session.conversation().say(to_json(progress)); },
                                    [&](const std::string &line) { complaints.hear(line); }, [](pid_t, int) {},
                                    [&] { return complaints.is_full(); }};
    const auto ended = start(found, restore_verb(found, part, staging, patterns, order, complaints), listener);
    check_end(found, ended, complaints, staging, session.stop());
    placement.check(part, staging.files(), complaints.incomplete());
    for (const auto &path : complaints.unlike())
        placement.unlike.note(part.into + path);
    placement.place(part, staging.files());
    staging.remove();
    if (!ended.end.succeeded() && placement.missing.count > 0)
        std::cerr << "igotchuu: " << restic::explain(found.place.repository(), ended.end, ended.words) << '\n';
}

bool is_told_to_go(Conversation &conversation, const StopRequest &stop)
{
    const auto answer = conversation.hear();
    stop.check();
    return answer && answer->value("go", false);
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
    const auto found = chosen(session, request);
    auto root = listed(found, order.paths, session.stop());
    const Way way{order.as};
    Plan plan{way, order.overwrite};
    if (order.to.empty())
        plan.in_place(root);
    else
        plan.beside(root, order.paths, order.to);
    session.conversation().say(to_json(found, plan, order));
    plan.check_space();
    session.ends_with(ExitStatus::success);
    if (order.dry_run || !is_told_to_go(session.conversation(), session.stop()))
        return;
    Placement placement{way};
    for (auto &part : plan.parts()) {
        if (is_needed(part))
            restore_part(session, found, part, way, order, placement);
        placement.adapt(part);
    }
    session.conversation().say(to_json(placement, plan));
    session.ends_with(status_of(placement, plan));
}

} // namespace igotchuu::retrieve
