// SPDX-License-Identifier: MIT
#include "cli/files/diagnosis.hpp"

#include "job/notify.hpp"
#include "job/repository.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <format>
#include <optional>
#include <set>
#include <stdexcept>
#include <system_error>
#include <unistd.h>

namespace igotchuu
{

namespace
{

void append_once(std::vector<Diagnostic> &to, const std::vector<Diagnostic> &more)
{
    for (const auto &one : more)
        if (!std::ranges::contains(to, one))
            to.push_back(one);
}

template <typename Kind>
void take(Diagnosis &diagnosis, const std::expected<Kind, ConfigError> &loaded)
{
    if (!loaded)
        append_once(diagnosis.faults, loaded.error().diagnostics());
}

void take(Diagnosis &diagnosis, const std::expected<Job, ConfigError> &job)
{
    take<Job>(diagnosis, job);
    if (job)
        append_once(diagnosis.warnings, job->warnings);
}

/// The file of this path, with its drop-ins, where igotchuu finds one; else the file alone.
FoundFile found(const SearchPath &path, std::string_view kind, const std::filesystem::path &file)
{
    for (auto &one : find_files(path, kind))
        if (one.path == file.native())
            return std::move(one);
    return {.name = file.stem().native(), .path = file.native(), .drop_ins = {}, .faults = {}};
}

/// "home.toml.d/try.toml" is part of "home.toml", wherever igotchuu finds that.
std::filesystem::path owner_of(const SearchPath &path, const std::filesystem::path &file)
{
    const auto directory = file.parent_path();
    if (!directory.native().ends_with(".toml.d"))
        return file;
    for (const auto *const kind : {"jobs", "repositories"})
        for (const auto &one : find_files(path, kind))
            if (std::ranges::contains(one.drop_ins, file.native()))
                return one.path;
    return directory.parent_path() / directory.stem();
}

/// As if igotchuu looked there first.
SearchPath with_first(SearchPath path, const std::filesystem::path &directory)
{
    path.directories.insert(path.directories.begin(), directory);
    return path;
}

Diagnosis of_notify(const SearchPath &path)
{
    Diagnosis diagnosis;
    if (const auto notify = load_notify(path))
        take<Notify>(diagnosis, *notify);
    return diagnosis;
}

Diagnosis of_repository(const SearchPath &path, const std::filesystem::path &file)
{
    Diagnosis diagnosis;
    const auto loaded = Configuration{path}.repository(found(path, "repositories", file));
    take<Repository>(diagnosis, loaded.repository);
    append_once(diagnosis.warnings, loaded.warnings);
    return diagnosis;
}

Diagnosis of_job(const SearchPath &path, const std::filesystem::path &file)
{
    Diagnosis diagnosis;
    try {
        take(diagnosis, Configuration{path}.job(found(path, "jobs", file), instance_of(file.stem().native())));
    } catch (const std::invalid_argument &error) {
        diagnosis.faults.push_back({file.native(), 0, 0, error.what()});
    }
    return diagnosis;
}

} // namespace

void Diagnosis::add(const Diagnosis &more)
{
    append_once(faults, more.faults);
    append_once(warnings, more.warnings);
}

Diagnosis diagnose_all(const SearchPath &path)
{
    Diagnosis diagnosis;
    const auto jobs = load_jobs(path);
    append_once(diagnosis.faults, jobs.nameless);
    for (const auto &loaded : jobs.jobs)
        take(diagnosis, loaded.job);
    const auto repositories = load_repositories(path);
    append_once(diagnosis.faults, repositories.nameless);
    for (const auto &loaded : repositories.repositories) {
        take<Repository>(diagnosis, loaded.repository);
        append_once(diagnosis.warnings, loaded.warnings);
    }
    take(diagnosis, Configuration{path}.implicit_job()); // defaults.toml, also where no job is
    diagnosis.add(of_notify(path));
    return diagnosis;
}

Diagnosis diagnose(const SearchPath &path, const std::string &file)
{
    const auto absolute = std::filesystem::absolute(file).lexically_normal();
    if (access(absolute.c_str(), F_OK) < 0)
        return {.faults = {{absolute.native(), 0, 0, std::format("cannot be opened: {}", std::generic_category().message(errno))}},
                .warnings = {}};
    const auto owner = owner_of(path, absolute);
    if (owner.filename() == "notify.toml")
        return of_notify(with_first(path, owner.parent_path()));
    if (owner.filename() == "defaults.toml") {
        Diagnosis diagnosis;
        const auto here = with_first(path, owner.parent_path());
        take(diagnosis, Configuration{here}.implicit_job());
        return diagnosis;
    }
    return owner.parent_path().filename() == "repositories" ? of_repository(path, owner) : of_job(path, owner);
}

} // namespace igotchuu
