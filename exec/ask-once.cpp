// SPDX-License-Identifier: MIT
#include "exec/ask-once.hpp"

#include "exec/credentials.hpp"
#include "exec/lock.hpp"
#include "exec/restic/access.hpp"
#include "exec/restic/embedded.hpp"
#include "exec/restic/run.hpp"
#include "exec/restic/snapshots.hpp"
#include "exec/restic/tags.hpp"
#include "exec/restic/verdict.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/unit-name.hpp"

#include <unistd.h>

#include <format>
#include <iostream>
#include <span>
#include <utility>

namespace igotchuu
{

namespace
{

/// Nobody has made it as yet: the first backup does.
bool is_still_to_be_made(const Repository &repository)
{
    return repository.embedded() && !restic::has_key(repository) && access(repository.local_path().c_str(), F_OK) < 0;
}

std::vector<restic::Stored> ask(const Job &job, const Repository &repository, restic::Installation installation,
                                const StopRequest &stop)
{
    if (is_still_to_be_made(repository))
        return {};
    if (restic::is_absent(repository))
        throw restic::Unreached{restic::explain_absence(repository)};
    const auto program = "fresh:" + repository_instance_of(repository.name); // a backup may ask for the password at the same time
    const Credentials credentials{{program, std::span{&repository, 1}, job.service}, stop};
    installation.credentials_directory = credentials.directory();
    const auto features = restic::features(stop, installation);
    const restic::Access access{repository, program, installation, stop};
    const restic::Listener listener{[](const Progress &) {},
                                    [](const std::string &line) { std::cerr << "igotchuu: " << line << '\n'; }, [](pid_t, int) {}};
    std::uint32_t starts = 0;
    return restic::snapshots({installation, features, stop, listener, starts}, access, restic::certain_tags(job.instance).back());
}

} // namespace

Answer ask_once(const Job &job, const Repository &repository, Clock::time_point last_change, Ask how, const StopRequest &stop)
{
    const auto turn = Lock::wait_for("fresh+" + repository.name, LockKind::exclusive,
                                     stop); // no job is called so, and no repository's other lock
    const auto installation = restic::Installation::standard();
    const auto now = Clock::now();
    auto answer = read_answer(installation.cache_directory, repository, now).value_or(Answer{});
    if (how == Ask::once && (answer.is_current(now, last_change) || answer.is_out_of_reach(now, last_change)))
        return answer;
    if (!repository.location_from.empty()) // its address is a secret, which may lead elsewhere by now
        answer = {.in_vain_since = answer.in_vain_since, .moved = answer.moved};
    try {
        answer = {.asked = now, .snapshots = ask(job, repository, installation, stop)};
    } catch (const restic::Unreached &reason) {
        answer.tried = now;
        if (answer.in_vain_since == Clock::time_point{})
            answer.in_vain_since = now;
        answer.why_not = printable(reason.what());
    }
    keep_answer(installation.cache_directory, repository, answer);
    return answer;
}

} // namespace igotchuu
