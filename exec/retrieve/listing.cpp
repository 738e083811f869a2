// SPDX-License-Identifier: MIT
#include "exec/retrieve/listing.hpp"

#include "exec/restic/cause.hpp"
#include "exec/restic/snapshots.hpp"
#include "exec/restic/verdict.hpp"
#include "exec/retrieve/absent.hpp"
#include "exec/retrieve/chosen.hpp"
#include "job/error.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace igotchuu::retrieve
{

namespace
{

/// What one start of `restic ls` has said.
struct Heard {
    std::optional<restic::Stored> snapshot{}; ///< the first line
    Wanted root{};
    restic::Ended ended{};
};

/// `snapshot`: an id, or "latest", of those that have the place's tag. What is wrong before there is one, is for the list of all to say.
Heard ask(const Place &place, const std::string &snapshot, const std::vector<std::string> &paths, restic::Verb verb)
{
    Heard heard;
    verb.arguments = {"ls", snapshot, "--json", "--recursive", "--no-lock"};
    if (snapshot == "latest" && !place.tag().empty())
        verb.arguments.push_back("--tag=" + place.tag());
    verb.arguments.insert(verb.arguments.end(), paths.begin(), paths.end());
    verb.line = [&](std::string_view line) {
        if (heard.snapshot)
            add_listed(heard.root, line);
        else
            heard.snapshot = restic::stored_on(line);
    };
    const auto &all = place.starter();
    const restic::Listener listener{all.listener.progress,
                                    [&](const std::string &line) {
                                        if (heard.snapshot || snapshot != "latest")
                                            all.listener.complaint(line);
                                    },
                                    all.listener.stands_still};
    verb.reaches_within = place.repository().answer_timeout;
    heard.ended = restic::start(
        {.installation = all.installation, .features = all.features, .stop = all.stop, .listener = listener, .starts = all.starts},
        place.access(), verb);
    return heard;
}

/// Throws where that is not all of it.
Listing checked(Place &place, Heard heard, const std::vector<std::string> &paths)
{
    const auto &[snapshot, root, ended] = heard;
    place.starter().stop.check();
    if (!ended.end.succeeded() || ended.words.errors() > 0 || !snapshot)
        throw Failure{"restic could not list all of the snapshot: " + restic::explain(place.repository(), ended.end, ended.words)};
    Listing listing{.found = {place, *snapshot}, .root = std::move(heard.root)};
    std::ranges::for_each(paths, [&](const auto &path) { take_for_way(listing.root, path); });
    for (const auto &path : paths)
        if (const auto *const one = find(listing.root, path); one == nullptr || (one->is_way() && path != "/"))
            refuse_absent(listing.found, path);
    return listing;
}

/// Nothing: all snapshots have to be listed, to know which is meant, or why there is none.
std::optional<Listing> newest(Session &session, const json &request, const std::vector<std::string> &paths)
{
    auto *const place = session.only_place();
    if (place == nullptr || !is_newest(request))
        return {};
    auto heard = ask(*place, "latest", paths, {.arguments = {}, .answers_within = place->repository().answer_timeout});
    place->starter().stop.check();
    if (heard.ended.unreached)
        restic::expect_list(place->repository(), heard.ended);
    if (!heard.snapshot)
        return {};
    return checked(*place, std::move(heard), paths);
}

} // namespace

Listing listed(Session &session, const json &request, const std::vector<std::string> &paths)
{
    if (auto listing = newest(session, request, paths))
        return std::move(*listing);
    const auto found = chosen(session, request);
    return checked(found.place, ask(found.place, found.snapshot.id, paths, {}), paths);
}

} // namespace igotchuu::retrieve
