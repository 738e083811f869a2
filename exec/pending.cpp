// SPDX-License-Identifier: MIT
#include "exec/pending.hpp"

#include "exec/child.hpp"
#include "exec/kept.hpp"
#include "exec/lock.hpp"
#include "exec/programs.hpp"
#include "exec/reap.hpp"
#include "exec/report/amount.hpp"
#include "exec/report/channels.hpp"
#include "exec/report/message-id.hpp"
#include "exec/restic/run.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/load.hpp"
#include "job/unit-name.hpp"

#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <format>
#include <iostream>
#include <set>

namespace igotchuu
{
namespace
{

void print(const std::string &instance, const Kept &kept)
{
    for (const auto &instant : kept.instants) {
        const auto age = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - instant.instant);
        std::cout << std::format("{}  {}  {} old  run {}\n", printable(kept.job), time_text(instant.instant), duration_text(age),
                                 instant.run);
        for (const auto &one : instant.repositories)
            std::cout << std::format("  for {}, absent since {}: {}\n", printable(one.repository), time_text(one.since), one.why);
        std::set<std::string> places;
        for (const auto &place : instant.sources)
            places.insert(std::format("  as {}, {} {}\n", run_name(instance, instant.run), place.method, place.file_system));
        for (const auto &place : places)
            std::cout << place;
    }
}

/// The 10 minutes between two looks are nothing beside a day.
bool is_over_days(const Job &job, const KeptInstant &instant)
{
    return Clock::now() - instant.kept > job.pending.days;
}

/// A server is asked by restic itself, and a disk that is not there starts nothing. How full the file system is only the next run sees, or a send.
bool is_worth_a_try(const Job &job, const Kept &kept)
{
    return std::ranges::any_of(kept.instants, [&](const KeptInstant &instant) {
        return is_over_days(job, instant) || std::ranges::any_of(job.repositories, [&](const Repository &repository) {
                   return std::ranges::contains(instant.repositories, repository.name, &Wanting::repository) &&
                          !restic::is_absent(repository);
               });
    });
}

/// Jobs that are gone or broken are for igotchuu-exec verify to name.
bool is_to_start(const std::string &instance)
try {
    const auto job = load_job(SearchPath::standard(), instance);
    const auto kept = read_kept({}, instance);
    return job.implicit() == kept.file.empty() && is_worth_a_try(job, kept);
} catch (const std::exception &error) {
    std::cerr << std::format("{}: {}\n", printable(instance), error.what());
    return false;
}

} // namespace

void list_pending()
{
    for (const auto &instance : instances_with_kept({}))
        print(instance, read_kept({}, instance));
    for (const auto &orphan : kept_without_job())
        std::cout << std::format("{}: the job is gone, and nobody sends these. To drop them: igotchuu-exec pending --drop '{}'\n",
                                 printable(orphan.kept.job), orphan.instance);
}

ExitStatus start_pending(const StopRequest &stop)
{
    Command command{.arguments = {programs::systemctl, "start", "--no-block", "--"},
                    .environment = {"PATH=/usr/bin", "LANG=C.UTF-8"}};
    const auto without_units = command.arguments.size();
    for (const auto &instance : instances_with_kept({}))
        if (is_to_start(instance))
            command.arguments.push_back(send_service_of(instance));
    if (command.arguments.size() == without_units)
        return ExitStatus::success;
    Child child{command};
    const auto end = child.wait([](std::string_view) {}, [](std::string_view words) { std::cerr << words; },
                                {.stop = stop.fd(), .at_most = std::chrono::minutes{1}});
    return end.succeeded() ? ExitStatus::success : ExitStatus::failed;
}

ExitStatus drop_pending(const std::string &name, const std::string &run)
{
    if (geteuid() != 0)
        fail(EPERM, "cannot drop what is kept of {} (run it as root)", printable(name));
    const auto instance = instance_of(name);
    enter_private_namespace();
    const auto lock = Lock::take(instance, LockKind::exclusive, std::format("the job {} is running", printable(name)));
    const Scratch scratch;
    const auto kept = read_kept({}, instance);
    Channels said{printable(name), job_fields(name, instance, run)};
    auto status = ExitStatus::failed;
    for (const auto &instant : kept.instants) {
        if (!run.empty() && instant.run != run)
            continue;
        drop(instance, instant.run, scratch);
        said.log(LOG_NOTICE, message_id::instant_dropped,
                 std::format("The instant of {} is dropped, as was asked", time_text(instant.instant)),
                 {{"IGOTCHUU_KEPT_RUN", instant.run}});
        std::cout << std::format("dropped: {} of {}\n", time_text(instant.instant), printable(kept.job));
        status = ExitStatus::success;
    }
    if (status != ExitStatus::success)
        std::cerr << std::format("igotchuu: {} has no {} (igotchuu-exec pending shows what is kept)\n", printable(name),
                                 run.empty() ? "kept instant" : "kept instant of the run " + printable(run));
    return status;
}

} // namespace igotchuu
