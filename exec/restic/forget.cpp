// SPDX-License-Identifier: MIT
#include "exec/restic/forget.hpp"

#include "exec/restic/command-line.hpp"
#include "exec/restic/tags.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/redact.hpp"

#include <algorithm>
#include <filesystem>
#include <format>
#include <ranges>

namespace igotchuu::restic
{

namespace
{

constexpr std::size_t plan_max = std::size_t{64} * 1024 * 1024; // of 30,000 snapshots or so
constexpr std::size_t at_once = 10'000; // arguments of 650 kB; the kernel takes 2 MB

void check(const Access &access, const Ended &ended)
{
    if (ended.end.interrupted)
        throw Cancelled{};
    if (!ended.end.succeeded())
        throw Failure{explain(access.repository(), ended.end, ended.words)};
}

/// restic does not say why: its server may have refused it on purpose.
std::string remedy(const Repository &repository)
{
    if (!repository.local_path().empty())
        return {};
    return std::format(" (where its server lets things only be added: maintenance = false in {})", printable(repository.file));
}

/// restic 0.18.0 says that it could not remove a snapshot, and exits with 0.
void check_removal(const Access &access, const Ended &ended)
{
    const auto &reason = ended.words.reason();
    const bool incomplete = ended.end.signal == 0 && ended.end.status == exit_code::incomplete;
    if (!ended.end.interrupted && (incomplete || reason.contains("unable to remove")))
        throw Failure{std::format("restic could not remove all of them: {}{}", printable(redacted(reason), 1000),
                                  remedy(access.repository()))};
    check(access, ended);
}

/// It ends well, too, when there is nothing that it can load by an id. Where we can look, we do.
void verify_gone(const Repository &repository, const auto &snapshots)
{
    const auto path = repository.local_path();
    const auto left = path.empty() ? 0 : std::ranges::count_if(snapshots, [&](const PlannedSnapshot &snapshot) {
        std::error_code unknown;
        return std::filesystem::exists(path + "/snapshots/" + snapshot.id, unknown);
    });
    if (left > 0)
        throw Failure{std::format("restic says that they are removed, but {} of {} are still there", left, snapshots.size())};
}

} // namespace

Plan plan_to_forget(const Starter &starter, const Access &access, const Job &job)
{
    const auto tags = certain_tags(job.instance);
    std::string printed;
    const auto ended = start(starter, access, {.arguments = plan_arguments(job.keep, tags), .output = [&](std::string_view bytes) {
                                                   printed += bytes.substr(0, plan_max - printed.size() + 1);
                                               }});
    check(access, ended);
    if (printed.size() > plan_max)
        throw Failure{"the list of the job's snapshots is over 64 MiB"};
    return parse_plan(printed, tags);
}

void forget(const Starter &starter, const Access &access, std::span<const PlannedSnapshot> snapshots)
{
    for (const auto &some : snapshots | std::views::chunk(at_once)) {
        std::vector<std::string> arguments{"forget", "--json", "--retry-lock=5m"};
        std::ranges::transform(some, std::back_inserter(arguments), &PlannedSnapshot::id);
        check_removal(access, start(starter, access, {std::move(arguments)}));
        verify_gone(access.repository(), some);
    }
}

} // namespace igotchuu::restic
