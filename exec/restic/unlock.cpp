// SPDX-License-Identifier: MIT
#include "exec/restic/unlock.hpp"

#include "exec/restic/lock-file.hpp"
#include "exec/restic/own-processes.hpp"
#include "exec/restic/snapshots.hpp"
#include "exec/restic/verdict.hpp"
#include "job/error.hpp"
#include "job/host-name.hpp"
#include "job/load.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace igotchuu::restic
{

namespace
{

constexpr std::chrono::seconds reach{20}; // restic would go on for a quarter of an hour; a maintenance is tried again

void check(const Repository &repository, const Ended &ended)
{
    if (ended.was_stopped() && !ended.end.killed)
        throw Cancelled{};
    if (!ended.end.succeeded())
        throw Failure{explain(repository, ended)};
}

std::vector<std::string> lock_ids(const Starter &starter, const Access &access)
{
    std::vector<std::string> ids;
    const auto hear = [&](std::string_view line) {
        if (line.size() == 64 && line.find_first_not_of("0123456789abcdef") == line.npos)
            ids.emplace_back(line);
    };
    expect_list(access.repository(),
                start(starter, access,
                      {.arguments = {"list", "locks", "--no-lock"},
                       .line = hear,
                       .answers_within = access.repository().answer_timeout, // where there is none it prints nothing
                       .reaches_within = reach}));
    return ids;
}

/// Nothing for one that is gone meanwhile, or cannot be read.
std::optional<LockFile> look_at_lock(const Starter &starter, const Access &access, const std::string &id)
{
    std::string text;
    const auto hear = [&](std::string_view line) { text.append(line).push_back('\n'); };
    const auto ended = start(starter, access, {.arguments = {"cat", "lock", id, "--no-lock"}, .line = hear});
    if (ended.was_stopped())
        throw Cancelled{};
    if (ended.lost_server())
        throw Unreached{explain(access.repository(), ended)};
    return ended.end.succeeded() ? parse_lock(text) : std::nullopt;
}

bool is_locked(const Ended &ended)
{
    return ended.end.signal == 0 && ended.end.status == exit_code::locked;
}

} // namespace

Unlocked unlock(const Starter &starter, const Access &access)
{
    const OwnProcesses own;
    own.look_around(Clock::now()); // before: what is renewed after it is not theirs
    const auto ids = lock_ids(starter, access);
    std::vector<LockFile> locks;
    for (const auto &id : ids) {
        const auto lock = look_at_lock(starter, access, id);
        if (!lock)
            return {.locks = ids.size()}; // whose it is cannot be known
        locks.push_back(*lock);
    }
    const auto is_left = [&, repository = digest_of_address(access.repository())](const LockFile &lock) {
        return own.have_left(lock, repository);
    };
    if (!may_unlock(locks, host_name(), Clock::now(), is_left))
        return {.locks = ids.size()};
    check(access.repository(), start(starter, access, {.arguments = {"unlock"}, .line = [](std::string_view) {}}));
    return {.locks = ids.size(), .asked = true};
}

Ended start_past_dead_locks(const Starter &starter, const Access &access, const Verb &verb)
{
    auto ended = start(starter, access, verb);
    try {
        return is_locked(ended) && unlock(starter, access).asked ? start(starter, access, verb) : ended;
    } catch (const std::exception &) { // that it is locked is what there is to say
        return ended;
    }
}

} // namespace igotchuu::restic
