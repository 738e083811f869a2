// SPDX-License-Identifier: MIT
#include "cli/held.hpp"
#include "cli/kept.hpp"
#include "cli/repository/repository.hpp"
#include "cli/repository/standing.hpp"
#include "cli/shell.hpp"
#include "cli/table.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/exit-status.hpp"
#include "job/load.hpp"
#include "job/redact.hpp"
#include "job/repository.hpp"
#include "job/state-files.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <format>
#include <iostream>
#include <unistd.h>
#include <utility>
#include <vector>

namespace igotchuu
{

namespace
{

std::string when(Clock::time_point time)
{
    const auto seconds = Clock::to_time_t(time);
    std::tm parts{};
    std::array<char, 32> text{};
    if (!localtime_r(&seconds, &parts) || std::strftime(text.data(), text.size(), "%F %R", &parts) == 0)
        fail(errno, "cannot break down the time {}", seconds);
    return text.data();
}

void add(Table &table, std::string_view what, std::string text)
{
    table.row({{std::format("  {}", what)}, {std::move(text)}});
}

std::string location_of(const Repository &repository)
{
    return repository.location.empty() ? "in the credential " + repository.location_from.credential
                                       : printable(redacted_location(repository.location));
}

std::string password_of(const Repository &repository)
{
    const auto &[file, credential, command] = repository.password;
    if (!command.empty())
        return "what " + printable(command.front()) + " prints";
    return credential.empty() ? "the file " + printable(file) : "the credential " + credential;
}

std::string recovery_key_of(const Repository &repository, const std::optional<RepositoryRecord> &record)
{
    const auto name = shell_word(repository.name);
    if (!record || !record->recovery_key)
        return std::format("none: igotchuu repository init {} adds one", name);
    const auto &key = *record->recovery_key;
    if (!key.confirmed)
        return std::format("not confirmed; when it is written down: igotchuu repository confirm {}", name);
    return "confirmed " + when(*key.confirmed);
}

std::string maintenance_of(const Repository &repository, const std::optional<RepositoryRecord> &record)
{
    if (!repository.maintained)
        return "not from here (maintenance = false)";
    if (!record || record->history.empty())
        return "never yet";
    const auto &run = record->history.front();
    return std::format("{} {}", to_string(run.outcome), when(run.ended));
}

/// Else each repository would seem to have none.
void refuse_who_may_not_read_records()
{
    const StateDirectories where;
    if (access(where.repositories.c_str(), X_OK) < 0 && errno == EACCES)
        throw Failure{std::format("cannot read the records in {}: run it as root, or as a member of the group igotchuu",
                                  where.repositories.native())};
}

/// What of the jobs of a repository stays there against their rules, or could not be removed.
void see_held(RepositoryStanding &standing, const LoadedJobs &jobs)
{
    const auto &repository = standing.repository.name;
    for (const auto &loaded : jobs.jobs) {
        const auto record = read_newest({}, loaded.instance);
        if (!record || (loaded.job && !std::ranges::contains(loaded.job->repositories, repository, &Repository::name)))
            continue;
        for (const auto &result : last_retentions(*record))
            if (result.repository == repository && result.retention->hold != Hold::none)
                standing.held.push_back({record->job, *result.retention});
    }
}

/// Which instants of a job it has to get when it comes.
void see_awaited(RepositoryStanding &standing, const std::string &instance)
try {
    const auto kept = read_kept({}, instance);
    for (const auto &instant : kept.instants)
        for (const auto &wanting : instant.repositories)
            if (wanting.repository == standing.repository.name)
                standing.awaited.push_back({kept.job, instant, wanting});
} catch (const std::exception &error) {
    standing.unseen.emplace_back(error.what());
}

RepositoryStanding look_at(Repository repository, const std::string &instance, const LoadedJobs &jobs)
{
    RepositoryStanding standing{.repository = std::move(repository), .record = read_repository_record({}, instance)};
    see_held(standing, jobs);
    for (const auto &job : instances_with_kept({}))
        see_awaited(standing, job);
    return standing;
}

void print(const RepositoryStanding &standing)
{
    const auto &[repository, record, held, awaited, unseen] = standing;
    Table table;
    add(table, "location", location_of(repository));
    add(table, "file", repository.embedded() ? "none: it is the embedded one" : printable(repository.file));
    add(table, "password", password_of(repository));
    add(table, "recovery key", recovery_key_of(repository, record));
    add(table, "maintenance", maintenance_of(repository, record));
    if (record && record->damaged)
        add(table, "",
            "DAMAGED: the last check found faults; see: journalctl -xu " +
                shell_word(maintenance_service_of(repository_instance_of(repository.name))));
    for (const auto &[job, retention] : held)
        add(table, "held", std::format("old snapshots of {}: {}", printable(job), why_held(job, retention)));
    for (const auto &[job, instant, wanting] : awaited)
        add(table, "awaits", std::format("{}: {}", printable(job), why_kept(instant, wanting)));
    for (const auto &sentence : unseen)
        add(table, "awaits", printable(sentence));
    if (repository.embedded())
        add(table, "", "Repository and key lie on this disk, and both die with it: see igotchuu.repository(5).");
    std::cout << printable(repository.name) << '\n';
    for (const auto &line : table.lines(Screen{STDOUT_FILENO}))
        std::cout << line << '\n';
}

/// What is wrong with the files of others is said on standard error, and makes the exit status.
ExitStatus look_at_all(std::vector<RepositoryStanding> &standings)
{
    const auto path = SearchPath::standard();
    auto loaded = load_repositories(path);
    const auto jobs = load_jobs(path);
    auto status = ExitStatus::success;
    const auto say = [&](const std::string &faults) {
        std::cerr << faults << '\n';
        status = ExitStatus::bad_configuration;
    };
    for (const auto &fault : loaded.nameless)
        say(to_string(fault));
    const auto embedded = embedded_repository();
    if (!std::ranges::contains(loaded.repositories, embedded.name, &LoadedRepository::instance) &&
        !std::ranges::contains(find_masked_files(path, "repositories"), embedded.name, &FoundFile::name))
        standings.push_back(look_at(embedded, embedded.name, jobs));
    for (auto &[instance, files, repository, warnings] : loaded.repositories)
        if (repository)
            standings.push_back(look_at(*std::move(repository), instance, jobs));
        else
            say(repository.error().what());
    return status;
}

} // namespace

int show_repositories(const RepositoryStatusRequest &request)
{
    refuse_who_may_not_read_records();
    std::vector<RepositoryStanding> standings;
    auto status = ExitStatus::success;
    if (request.name.empty()) {
        status = look_at_all(standings);
    } else {
        const auto instance = repository_instance_of(request.name);
        const auto path = SearchPath::standard();
        standings.push_back(look_at(load_repository(path, instance), instance, load_jobs(path)));
    }
    if (request.json)
        std::cout << to_json(standings) << '\n';
    else
        std::ranges::for_each(standings, print);
    return static_cast<int>(status);
}

} // namespace igotchuu
