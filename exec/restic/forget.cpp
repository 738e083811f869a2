// SPDX-License-Identifier: MIT
#include "exec/restic/forget.hpp"

#include "exec/restic/command-line.hpp"
#include "exec/restic/tags.hpp"
#include "exec/restic/unlock.hpp"
#include "exec/restic/unremoved.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/redact.hpp"

#include <algorithm>
#include <filesystem>
#include <format>
#include <iterator>
#include <optional>
#include <ranges>
#include <utility>

namespace igotchuu::restic
{

namespace
{

constexpr std::size_t plan_max = std::size_t{64} * 1024 * 1024; // of 30,000 snapshots or so
constexpr std::size_t at_once = 10'000; // arguments of 650 kB; the kernel takes 2 MB

void check(const Access &access, const Ended &ended)
{
    if (ended.silent)
        throw Failure{explain_silence(access.repository(), ended.words)};
    if (ended.was_stopped())
        throw Cancelled{};
    if (!ended.end.succeeded())
        throw Failure{explain(access.repository(), ended)};
}

/// restic does not say why: its server may have refused it on purpose.
std::string remedy(const Repository &repository)
{
    if (!repository.local_path().empty())
        return {};
    return std::format(" (where its server lets things only be added: maintenance = false in {})", printable(repository.file));
}

/// That are still there. Nothing: of a repository that we cannot look into.
std::optional<std::size_t> counted_in(const Repository &repository, const auto &snapshots)
{
    const auto path = repository.local_path();
    if (path.empty())
        return std::nullopt;
    return std::ranges::count_if(snapshots, [&](const PlannedSnapshot &snapshot) {
        std::error_code unknown;
        return std::filesystem::exists(path + "/snapshots/" + snapshot.id, unknown);
    });
}

/// Of restic 0.18, which could not remove one, the exit status is 0; of 0.19 it is another one.
std::string why_not_all(const Repository &repository, const Ended &ended, const Unremoved &unremoved, std::size_t asked,
                        std::size_t left)
{
    const bool incomplete = ended.end.signal == 0 && ended.end.status == exit_code::incomplete;
    if (!unremoved.word().empty() || incomplete)
        return std::format("restic could not remove {} of {}: {}{}", left, asked,
                           unremoved.word().empty() ? printable(redacted(ended.words.reason()), 1000) : unremoved.word(),
                           remedy(repository));
    if (!ended.end.succeeded())
        return explain(repository, ended);
    return left == 0 ? std::string{} : std::format("restic says that they are removed, but {} of {} are still there", left, asked);
}

/// Also when there is nothing that it can load by an id restic ends well.
Removal forget_some(const Starter &starter, const Access &access, std::span<const PlannedSnapshot> snapshots)
{
    std::vector<std::string> arguments{"forget", "--json", patience_for_a_lock(access.repository())};
    std::ranges::transform(snapshots, std::back_inserter(arguments), &PlannedSnapshot::id);
    Unremoved unremoved{snapshots};
    auto listener = starter.listener;
    listener.complaint = [&](const std::string &text) {
        unremoved.hear(text);
        starter.listener.complaint(text);
    };
    const auto heard = starter.heard_by(listener);
    const auto ended = start_past_dead_locks(heard, access, {std::move(arguments)});
    if (ended.was_stopped())
        throw Cancelled{};
    const auto said =
        unremoved.count() > 0 || (ended.end.succeeded() && unremoved.word().empty()) ? unremoved.count() : snapshots.size();
    const auto left = counted_in(access.repository(), snapshots).value_or(said);
    return {.removed = static_cast<std::uint32_t>(snapshots.size() - left),
            .why_not = why_not_all(access.repository(), ended, unremoved, snapshots.size(), left),
            .locked = ended.end.signal == 0 && ended.end.status == exit_code::locked};
}

} // namespace

Plan plan_to_forget(const Starter &starter, const Access &access, const Job &job)
{
    const auto tags = certain_tags(job.instance);
    std::string printed;
    const Verb verb{.arguments = plan_arguments(job.keep, tags),
                    .output = [&](std::string_view bytes) { printed += bytes.substr(0, plan_max - printed.size() + 1); },
                    .answers_within = access.repository().answer_timeout}; // it prints no progress: its whole time
    const auto ended = start(starter, access, verb);
    check(access, ended);
    if (printed.size() > plan_max)
        throw Failure{"the list of the job's snapshots is over 64 MiB"};
    return parse_plan(printed, tags);
}

Removal forget(const Starter &starter, const Access &access, std::span<const PlannedSnapshot> snapshots)
{
    Removal all;
    for (const auto &some : snapshots | std::views::chunk(at_once)) {
        auto [removed, why_not, locked] = forget_some(starter, access, some);
        all.removed += removed;
        all.why_not = std::move(why_not);
        all.locked = locked;
        if (!all.why_not.empty())
            break;
    }
    return all;
}

} // namespace igotchuu::restic
