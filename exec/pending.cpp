// SPDX-License-Identifier: MIT
#include "exec/pending.hpp"

#include "exec/child.hpp"
#include "exec/kept.hpp"
#include "exec/lock.hpp"
#include "exec/programs.hpp"
#include "exec/reap.hpp"
#include "exec/report/channels.hpp"
#include "exec/report/message-id.hpp"
#include "exec/restic/run.hpp"
#include "job/amount.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/fd.hpp"
#include "job/kept-without-job.hpp"
#include "job/load.hpp"
#include "job/state-files.hpp"
#include "job/unit-name.hpp"

#include <fcntl.h>
#include <poll.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <format>
#include <iostream>
#include <iterator>
#include <set>
#include <utility>

namespace igotchuu
{
namespace
{

std::string state_of(const Wanting &one)
{
    if (const auto until = put_off_until(one, Clock::now()))
        return std::format("disproved when it was sent there at {}, not sent again before {}", time_text(*one.disproved),
                           time_text(*until));
    return "absent since " + time_text(one.since);
}

void print(const std::string &instance, const Kept &kept)
{
    for (const auto &instant : kept.instants) {
        const auto age = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - instant.instant);
        std::cout << std::format("{}  {}  {} old  run {}\n", printable(kept.job), time_text(instant.instant), duration_text(age),
                                 instant.run);
        for (const auto &one : instant.repositories)
            std::cout << std::format("  for {}, {}: {}\n", printable(one.repository), state_of(one), one.why);
        std::set<std::string> places;
        for (const auto &place : instant.sources)
            places.insert(std::format("  as {}, {} {}\n", run_name(instance, instant.run), place.method, place.file_system));
        for (const auto &place : places)
            std::cout << place;
    }
}

enum class Look { everywhere, at_disks };

/// Of metadata, and of a thin pool, only the method knows: a send, and each run, asks it. A pool that runs full stops all volumes in it, so it is asked often.
bool may_be_short_of_space(const Job &job, const KeptInstant &instant, Look look)
{
    return std::ranges::any_of(instant.sources, [&](const SourcePlace &place) {
        if (look == Look::everywhere && place.method == name_of(SnapshotMethod::lvm_thin))
            return true;
        std::error_code unknown; // of a source that is gone
        const auto space = std::filesystem::space(place.source, unknown);
        return !unknown &&
               static_cast<double>(space.available) * 100 < static_cast<double>(space.capacity) * job.pending.free_percent;
    });
}

/// One that nobody wants any more was to be deleted by a process that died.
bool may_be_over_limits(const Job &job, const KeptInstant &instant, Look look)
{
    return instant.repositories.empty() || Clock::now() - instant.kept > job.pending.days ||
           may_be_short_of_space(job, instant, look);
}

/// A server is asked by restic itself, and a disk that is not there starts nothing.
bool is_worth_a_try(const Job &job, const Kept &kept, Look look)
{
    const auto may_get = [&](const KeptInstant &instant, const Repository &repository) {
        const auto one = std::ranges::find(instant.repositories, repository.name, &Wanting::repository);
        return one != instant.repositories.end() && !put_off_until(*one, Clock::now()) &&
               (look == Look::everywhere || !repository.local_path().empty()) && !restic::is_absent(repository);
    };
    return std::ranges::any_of(kept.instants, [&](const KeptInstant &instant) {
        return may_be_over_limits(job, instant, look) ||
               std::ranges::any_of(job.repositories, [&](const Repository &one) { return may_get(instant, one); });
    });
}

/// Jobs that are gone or broken are for igotchuu-exec verify to name.
bool is_to_start(const std::string &instance, Look look)
try {
    const auto job = load_job(SearchPath::standard(), instance);
    const auto kept = read_kept({}, instance);
    return job.implicit() == kept.file.empty() && is_worth_a_try(job, kept, look);
} catch (const std::exception &error) {
    std::cerr << std::format("{}: {}\n", printable(instance), error.what());
    return false;
}

ChildEnd systemctl(std::vector<std::string> arguments, const Patience &patience)
{
    arguments.insert(arguments.begin(), programs::systemctl);
    Child child{{.arguments = std::move(arguments), .environment = {"PATH=/usr/bin", "LANG=C.UTF-8"}}};
    return child.wait([](std::string_view) {}, [](std::string_view words) { std::cerr << words; }, patience);
}

ExitStatus start(const std::vector<std::string> &units, const StopRequest &stop)
{
    if (units.empty())
        return ExitStatus::success;
    std::vector<std::string> arguments{"start", "--no-block", "--"};
    std::ranges::copy(units, std::back_inserter(arguments));
    const auto end = systemctl(std::move(arguments), {.stop = stop.fd(), .at_most = std::chrono::minutes{1}});
    return end.succeeded() ? ExitStatus::success : ExitStatus::failed;
}

ExitStatus start_sending(Look look, const StopRequest &stop)
{
    std::vector<std::string> units;
    for (const auto &instance : instances_with_kept({}))
        if (is_to_start(instance, look))
            units.push_back(send_service_of(instance));
    return start(units, stop);
}

/// A job that is gone has nothing to wait for.
bool waits(const Record &record)
try {
    return record.waits_since && load_job(SearchPath::standard(), instance_of(record.job)).implicit() == record.file.empty();
} catch (const std::exception &error) {
    std::cerr << std::format("{}: {}\n", printable(record.job), error.what());
    return false;
}

} // namespace

void list_pending()
{
    for (const auto &instance : instances_with_kept({}))
        print(instance, read_kept({}, instance));
    for (const auto &orphan : kept_without_job())
        std::cout << std::format("{}: the job is gone, and nobody sends these. To drop them: {} pending --drop '{}'\n",
                                 printable(orphan.kept.job), programs::igotchuu_exec, orphan.instance);
}

bool starts_by_itself(const Job &job, const Kept &kept)
{
    return is_worth_a_try(job, kept, Look::everywhere);
}

ExitStatus start_pending(const StopRequest &stop)
{
    return start_sending(Look::everywhere, stop);
}

ExitStatus start_waiting(const StopRequest &stop)
{
    systemctl({"is-system-running", "--wait"}, {.stop = stop.fd()});
    std::vector<std::string> units;
    for (const auto &record : read_records({}))
        if (waits(record))
            units.push_back(service_of(instance_of(record.job)));
    return stop.asked() ? ExitStatus::stopped : start(units, stop);
}

/// Not by Wants= of a mount's unit: one that is in no fstab(5) has none of them where another unit named it before it was mounted (systemd 257).
ExitStatus watch_pending(const StopRequest &stop)
{
    using std::chrono::steady_clock;
    constexpr std::chrono::minutes pause{10};
    const Fd mounts{open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)};
    if (!mounts)
        fail(errno, "cannot open /proc/self/mountinfo");
    auto look = Look::at_disks;
    auto next = steady_clock::now() + pause; // a machine that mounts something all the time has servers, too
    while (!stop.asked() && !instances_with_kept({}).empty()) {
        if (start_sending(look, stop) != ExitStatus::success && !stop.asked())
            return ExitStatus::failed;
        std::array<pollfd, 2> polled{{{mounts.get(), POLLPRI, 0}, {stop.fd(), POLLIN, 0}}}; // proc(5)
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - steady_clock::now());
        if (left.count() > 0 && poll(polled.data(), polled.size(), static_cast<int>(left.count())) < 0 && errno != EINTR)
            fail(errno, "cannot wait for mounts");
        look = steady_clock::now() < next ? Look::at_disks : Look::everywhere;
        if (look == Look::everywhere)
            next = steady_clock::now() + pause;
    }
    return ExitStatus::success;
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
        std::cerr << std::format("igotchuu: {} has no {} ({} pending shows what is kept)\n", printable(name),
                                 run.empty() ? "kept instant" : "kept instant of the run " + printable(run),
                                 programs::igotchuu_exec);
    return status;
}

} // namespace igotchuu
