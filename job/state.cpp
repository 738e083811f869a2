// SPDX-License-Identifier: MIT
#include "job/state.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace igotchuu
{

std::string_view to_string(Outcome outcome)
{
    switch (outcome) {
    case Outcome::success:
        return "success";
    case Outcome::pending:
        return "pending";
    case Outcome::partial:
        return "partial";
    case Outcome::stopped:
        return "stopped";
    case Outcome::failed:
        return "failed";
    case Outcome::killed:
        return "killed";
    case Outcome::disproved:
        return "disproved";
    case Outcome::bad_configuration:
        return "bad-configuration";
    case Outcome::not_now:
        return "not-now";
    }
    std::unreachable();
}

std::string_view to_string(Phase phase)
{
    switch (phase) {
    case Phase::start:
        return "start";
    case Phase::lock:
        return "lock";
    case Phase::reap:
        return "reap";
    case Phase::snapshot:
        return "snapshot";
    case Phase::mount:
        return "mount";
    case Phase::restic:
        return "restic";
    case Phase::prove:
        return "prove";
    case Phase::release:
        return "release";
    case Phase::forget:
        return "forget";
    }
    std::unreachable();
}

std::string_view to_string(Hold hold)
{
    switch (hold) {
    case Hold::none:
        return "none";
    case Hold::newest:
        return "newest";
    case Hold::empty:
        return "empty";
    case Hold::lost:
        return "lost";
    case Hold::moved:
        return "moved";
    case Hold::shrunk:
        return "shrunk";
    case Hold::rewritten:
        return "rewritten";
    case Hold::machines:
        return "machines";
    case Hold::too_many:
        return "too-many";
    case Hold::locked:
        return "locked";
    case Hold::failed:
        return "failed";
    }
    std::unreachable();
}

std::string_view to_string(Finding finding)
{
    switch (finding) {
    case Finding::proven:
        return "proven";
    case Finding::unproven:
        return "unproven";
    case Finding::disproved:
        return "disproved";
    }
    std::unreachable();
}

ExitStatus exit_status(Outcome outcome)
{
    switch (outcome) {
    case Outcome::success:
        return ExitStatus::success;
    case Outcome::partial:
        return ExitStatus::partial;
    case Outcome::stopped:
        return ExitStatus::stopped;
    case Outcome::bad_configuration:
        return ExitStatus::bad_configuration;
    case Outcome::pending:
    case Outcome::not_now:
        return ExitStatus::not_now;
    case Outcome::failed:
    case Outcome::killed:
    case Outcome::disproved:
        return ExitStatus::failed;
    }
    std::unreachable();
}

Outcome worse(Outcome a, Outcome b)
{
    constexpr std::array mildest_first{Outcome::success, Outcome::not_now,   Outcome::pending,
                                       Outcome::partial, Outcome::stopped,   Outcome::killed,
                                       Outcome::failed,  Outcome::disproved, Outcome::bad_configuration};
    return std::ranges::find(mildest_first, a) < std::ranges::find(mildest_first, b) ? b : a;
}

bool has_snapshot(Outcome outcome)
{
    return outcome == Outcome::success || outcome == Outcome::partial || outcome == Outcome::disproved;
}

bool is_whole(const Run &run, const RepositoryResult &result)
{
    const bool only_kept_too_much =
        result.outcome == Outcome::partial && result.errors == 0 && result.retention && result.retention->hold == Hold::failed;
    if (result.outcome != Outcome::success && !only_kept_too_much)
        return false;
    if (run.whole)
        return *run.whole;
    auto explained = Outcome::stopped == run.outcome ? Outcome::stopped : Outcome::success;
    for (const auto &each : run.repositories)
        explained = worse(explained, each.outcome);
    return worse(explained, run.outcome) == explained;
}

const LastProven *last_proven(const Record &record, std::string_view repository)
{
    const auto found = std::ranges::find(record.proven, repository, &LastProven::repository);
    return found == record.proven.end() ? nullptr : &*found;
}

std::vector<LastProven> proven_in(std::span<const LastProven> proven, std::span<const std::string> repositories)
{
    std::vector<LastProven> in;
    std::ranges::copy_if(proven, std::back_inserter(in), [&](const LastProven &one) {
        return repositories.empty() || std::ranges::contains(repositories, one.repository);
    });
    return in;
}

std::optional<Clock::time_point> proven_everywhere(std::span<const LastProven> proven, std::span<const std::string> repositories)
{
    const auto in = proven_in(proven, repositories);
    const auto is_proven = [&](const std::string &repository) {
        return std::ranges::contains(in, repository, &LastProven::repository);
    };
    if (in.empty() || !std::ranges::all_of(repositories, is_proven))
        return {};
    return std::ranges::min(in, {}, &LastProven::proven).proven;
}

namespace
{

/// No kept instant that was sent, and no try that could not run.
bool is_own_and_ran(const Run &run)
{
    return run.kept_run.empty() && run.outcome != Outcome::not_now;
}

} // namespace

const Run *last_own_run(const Record &record)
{
    if (record.history.empty())
        return nullptr;
    const auto own = std::ranges::find_if(record.history, [](const Run &run) { return run.kept_run.empty(); });
    return own == record.history.end() ? &record.history.front() : &*own;
}

const Run *last_that_ran(const Record &record)
{
    const auto own = std::ranges::find_if(record.history, is_own_and_ran);
    return own == record.history.end() ? last_own_run(record) : &*own;
}

std::span<const Run> newest_runs(const Record &record)
{
    const auto own = std::ranges::find_if(record.history, is_own_and_ran);
    return {record.history.begin(), own == record.history.end() ? own : std::next(own)};
}

namespace
{

/// Those of a run that count, of repositories that have none among them as yet.
void add_new(std::vector<RepositoryResult> &results, const Run &run, bool (*counts)(const RepositoryResult &))
{
    for (const auto &result : run.repositories)
        if (counts(result) && !std::ranges::contains(results, result.repository, &RepositoryResult::repository))
            results.push_back(result);
}

} // namespace

std::vector<RepositoryResult> last_results(const Record &record)
{
    std::vector<RepositoryResult> results;
    for (const auto &run : newest_runs(record))
        add_new(results, run, [](const auto &) { return true; });
    return results;
}

std::vector<RepositoryResult> last_retentions(const Record &record)
{
    std::vector<RepositoryResult> results;
    const auto has_one = [](const RepositoryResult &result) { return result.retention.has_value(); };
    for (const auto &run : newest_runs(record))
        add_new(results, run, has_one);
    if (record.last_success)
        add_new(results, *record.last_success, has_one);
    return results;
}

bool succeeded(const Run &run)
{
    return run.outcome == Outcome::success ||
           (run.outcome == Outcome::pending &&
            std::ranges::contains(run.repositories, Outcome::success, &RepositoryResult::outcome));
}

ExitStatus exit_status(const Run &run)
{
    return succeeded(run) ? ExitStatus::success : exit_status(run.outcome);
}

Clock::time_point fresh_as_of(const Run &run)
{
    return run.kept_run.empty() ? run.ended : run.instant;
}

Clock::time_point instant_of(const Run &run)
{
    return run.instant == Clock::time_point{} ? run.started : run.instant;
}

std::optional<Clock::time_point> put_off_until(const Wanting &one, Clock::time_point now)
{
    constexpr std::chrono::hours a_while{24};
    if (!one.disproved || *one.disproved > now || now - *one.disproved >= a_while) // the clock may have been ahead
        return {};
    return *one.disproved + a_while;
}

} // namespace igotchuu
