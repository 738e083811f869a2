// SPDX-License-Identifier: MIT
#include "cli/doctor/look.hpp"

#include "cli/doctor/see-machine.hpp"
#include "cli/doctor/see-sources.hpp"
#include "cli/doctor/see-units.hpp"
#include "cli/lookout.hpp"
#include "job/diagnostic.hpp"
#include "job/load.hpp"
#include "job/repository.hpp"
#include "job/schedule.hpp"
#include "job/state-files.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <format>
#include <fstream>
#include <iterator>
#include <unistd.h>
#include <utility>

namespace igotchuu::doctor
{

namespace
{

namespace fs = std::filesystem;

constexpr auto generated = "/run/systemd/generator";

bool may_not_read(const fs::path &path)
{
    return access(path.c_str(), R_OK) < 0 && errno == EACCES;
}

/// Whether the drop-in that was generated is of the file as it is now.
std::optional<bool> has_digest(const std::string &drop_in, const std::string &digest)
{
    const auto path = fs::path{generated} / drop_in;
    if (may_not_read(path))
        return {};
    std::ifstream file{path};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    return text.contains("\nEnvironment=IGOTCHUU_DIGEST=" + digest + "\n");
}

/// What else than its runs may be wrong with a job is said by checks of its own.
Severity severity_of_runs(Standing standing, Clock::time_point now)
{
    standing.fault.clear();
    standing.unconfirmed.clear();
    standing.schedule.state = Schedule::State::none;
    standing.schedule.never_again = false;
    return judge(standing, now).severity;
}

class Look
{
public:
    [[nodiscard]] Seen all()
    {
        see_standings();
        see_jobs_with_files();
        see_repositories();
        see_timers();
        see_kept();
        see_machine(seen_);
        seen_.clock->newest = newest_;
        return std::move(seen_);
    }

private:
    void see_standings()
    {
        Lookout lookout;
        standings_ = lookout.all();
        seen_.unseen = lookout.blind_spots();
        const auto now = Clock::now();
        for (const auto &standing : standings_)
            if (!standing.has_file && !standing.is_orphan && !standing.instance.empty())
                see_job_without_file(standing, now);
        if (std::ranges::any_of(standings_, [](const Standing &standing) { return !standing.past_is_known; }))
            unseen("what the runs of jobs have come to, which root and the group igotchuu may see");
    }

    void see_job_without_file(const Standing &standing, Clock::time_point now)
    try {
        auto job = load_job(path_, standing.instance);
        auto &seen = seen_.jobs.emplace_back(JobSeen{.name = standing.name, .instance = standing.instance});
        seen.loaded = has_digest(service_of("") + ".d/50-job.conf", digest(job));
        see(seen, std::move(job), standing, now);
    } catch (const ConfigError &error) { // its source, or its repository
        seen_.jobs.push_back(
            {.name = standing.name, .instance = standing.instance, .fault = to_string(error.diagnostics().front())});
    }

    void see_jobs_with_files()
    {
        const auto now = Clock::now();
        auto loaded = load_jobs(path_);
        for (const auto &fault : loaded.nameless)
            seen_.faults.push_back(to_string(fault));
        for (auto &[instance, files, job] : loaded.jobs) {
            auto &seen = seen_.jobs.emplace_back(
                JobSeen{.name = fs::path{files.front()}.stem(), .instance = instance, .file = files.front()});
            if (!job) {
                seen.fault = fault_in(job.error());
                continue;
            }
            seen.loaded = has_digest(service_of(instance) + ".d/50-job.conf", digest(*job));
            const auto standing = std::ranges::find(standings_, instance, &Standing::instance);
            see(seen, *std::move(job), standing == standings_.end() ? Standing{} : *standing, now);
        }
    }

    /// The first fault; empty where there is none but that whoever asks may not read a file.
    std::string fault_in(const ConfigError &error)
    {
        const auto &faults = error.diagnostics();
        const auto fault =
            std::ranges::find_if(faults, [](const Diagnostic &one) { return one.file.empty() || !may_not_read(one.file); });
        if (fault != faults.end())
            return to_string(*fault);
        unseen(std::format("{}, which only root may read", printable(faults.front().file)));
        return {};
    }

    void see(JobSeen &seen, Job &&job, const Standing &standing, Clock::time_point now)
    {
        seen.runs = severity_of_runs(standing, now);
        newest_ = std::max({newest_, standing.ended, standing.schedule.last.value_or(newest_)});
        for (const auto &source : job.sources)
            seen.sources.push_back(places_.source(job, source, seen_));
        if (has_schedule(job.timer))
            wants(timer_of(job.instance), job.name, TimerSeen::Work::backup, seen.loaded);
        if (job.objective > std::chrono::hours{0})
            wants(fresh_timer_of(job.instance), job.name, TimerSeen::Work::look, seen.loaded);
        seen.job = std::move(job);
    }

    void see_repositories()
    {
        auto loaded = load_repositories(path_);
        for (const auto &fault : loaded.nameless)
            seen_.faults.push_back(to_string(fault));
        for (auto &[instance, files, repository, warnings] : loaded.repositories) {
            if (repository)
                see(*std::move(repository), instance);
            else if (const auto fault = fault_in(repository.error());
                     !fault.empty() && !std::ranges::contains(seen_.jobs, fault, &JobSeen::fault))
                seen_.faults.push_back(fault); // else a job that uses it says it
        }
        const auto embedded = embedded_repository();
        const bool used = std::ranges::any_of(seen_.jobs, [](const JobSeen &job) {
            return job.job && std::ranges::any_of(job.job->repositories, &Repository::embedded);
        });
        if (used)
            see(embedded, embedded.name);
    }

    void see(Repository repository, const std::string &instance)
    {
        RepositorySeen seen{.instance = instance, .recovery_key = recovery_key_of(instance)};
        if (!repository.embedded() && repository.maintained) {
            seen.loaded = has_digest(maintenance_service_of(instance) + ".d/50-repository.conf", digest(repository));
            if (has_schedule(repository.maintenance.timer))
                wants(maintenance_timer_of(instance), repository.name, TimerSeen::Work::maintenance, seen.loaded);
        }
        seen.disks = places_.disks_of_repository(repository, seen_);
        seen.repository = std::move(repository);
        seen_.repositories.push_back(std::move(seen));
    }

    RepositorySeen::RecoveryKey recovery_key_of(const std::string &instance)
    {
        const StateDirectories where;
        if (may_not_read(where.repositories)) {
            if (!std::exchange(told_of_records_, true))
                unseen("recovery keys, and instants that are kept, which root and the group igotchuu may see");
            return RepositorySeen::RecoveryKey::unknown;
        }
        const auto record = read_repository_record(where, instance);
        if (!record || !record->recovery_key)
            return RepositorySeen::RecoveryKey::none;
        return record->recovery_key->confirmed ? RepositorySeen::RecoveryKey::confirmed : RepositorySeen::RecoveryKey::unconfirmed;
    }

    /// Of what systemd does not have yet, that is said and no more.
    void wants(std::string unit, const std::string &of, TimerSeen::Work work, std::optional<bool> loaded)
    {
        wanted_.push_back(unit);
        if (loaded != false)
            seen_.timers.push_back({.unit = std::move(unit), .of = of, .work = work});
    }

    void see_timers()
    {
        for (const auto &job : seen_.jobs) // of a broken file the generator makes a timer, too
            if (!job.job) {
                wanted_.push_back(timer_of(job.instance));
                wanted_.push_back(fresh_timer_of(job.instance));
            }
        see_units(seen_, wanted_);
    }

    void see_kept()
    {
        const StateDirectories where;
        if (may_not_read(where.kept))
            return;
        for (const auto &instance : instances_with_kept(where))
            if (!std::ranges::contains(seen_.jobs, instance, &JobSeen::instance))
                seen_.kept_without_job.push_back(instance);
    }

    void unseen(std::string_view what) { seen_.unseen.push_back(std::format("not looked at: {}", what)); }

    SearchPath path_ = SearchPath::standard();
    Seen seen_;
    std::vector<Standing> standings_;
    std::vector<std::string> wanted_;
    Places places_;
    Clock::time_point newest_{};
    bool told_of_records_ = false;
};

} // namespace

Seen look()
{
    return Look{}.all();
}

} // namespace igotchuu::doctor
