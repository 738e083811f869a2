// SPDX-License-Identifier: MIT
#include "job/load.hpp"

#include "job/configuration.hpp"
#include "job/repository.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <format>
#include <map>
#include <stdexcept>
#include <system_error>

namespace igotchuu
{

namespace
{

using Files = std::vector<FoundFile>;

/// What kind of files it is that is read: where they lie, and what units they have.
struct Kind {
    std::string_view directory, what;
    std::string (*instance_of)(std::string_view name);
    std::string (*service_of)(std::string_view instance);
};
constexpr Kind of_jobs{"jobs", "job", instance_of, service_of};
constexpr Kind of_repositories{"repositories", "repository", repository_instance_of, maintenance_service_of};

ConfigError two_of(const Files &files, std::string_view instance, const Kind &kind)
{
    std::vector<Diagnostic> faults;
    for (const auto &file : files)
        for (const auto &other : files)
            if (&file != &other)
                faults.push_back({file.path, 0, 0,
                                  std::format("the unit of this {}, {}, is also that of {}: rename one of the files", kind.what,
                                              kind.service_of(instance), other.path)});
    return ConfigError{std::move(faults)};
}

std::map<std::string, Files> by_instance(const SearchPath &path, const Kind &kind, std::vector<Diagnostic> &nameless)
{
    std::map<std::string, Files> all;
    for (auto &file : find_files(path, kind.directory)) {
        try {
            all[kind.instance_of(file.name)].push_back(std::move(file));
        } catch (const std::invalid_argument &error) {
            nameless.push_back({file.path, 0, 0, error.what()});
        }
    }
    return all;
}

std::vector<std::string> paths_of(const Files &files)
{
    std::vector<std::string> paths;
    std::ranges::transform(files, std::back_inserter(paths), &FoundFile::path);
    return paths;
}

std::expected<Job, ConfigError> load(Configuration &configuration, const Files &files, const std::string &instance)
{
    if (files.size() > 1)
        return std::unexpected{two_of(files, instance, of_jobs)};
    return configuration.job(files.front(), instance);
}

LoadedRepository load_repository(const Configuration &configuration, const Files &files, const std::string &instance)
{
    auto loaded = configuration.repository(files.front());
    loaded.instance = instance;
    if (files.size() > 1) {
        loaded.repository = std::unexpected{two_of(files, instance, of_repositories)};
        loaded.files = paths_of(files);
    }
    return loaded;
}

/// The files whose unit has this instance; a name that can have no unit is none of them.
Files files_of(Files files, std::string_view instance, const Kind &kind)
{
    std::erase_if(files, [&](const FoundFile &file) {
        try {
            return kind.instance_of(file.name) != instance;
        } catch (const std::invalid_argument &) {
            return true;
        }
    });
    return files;
}

[[noreturn]] void refuse(std::string file, std::string why)
{
    throw ConfigError{{{std::move(file), 0, 0, std::move(why)}}};
}

void check_spelling(std::string_view instance, const Kind &kind)
try {
    if (const auto spelled = kind.instance_of(instance); spelled != instance)
        refuse({}, std::format("\"{}\" cannot be the instance of a unit; the instance of a {} of that name is {}", instance,
                               kind.what, spelled));
} catch (const std::invalid_argument &error) {
    refuse({}, error.what());
}

/// No path and no file: which job was meant?
[[noreturn]] void refuse_unknown(const SearchPath &path, std::string_view instance, const Files &files)
{
    std::vector<std::string_view> names;
    std::ranges::transform(files, std::back_inserter(names), &FoundFile::name);
    const auto near = nearest(instance, names);
    refuse({}, std::format("there is no job \"{}\"{}, and the name spells no path; looked for {}", instance,
                           near.empty() ? "" : std::format(" (did you mean \"{}\"?)", near), candidates(path, "jobs", instance)));
}

} // namespace

LoadedJobs load_jobs(const SearchPath &path)
{
    LoadedJobs loaded;
    const auto all = by_instance(path, of_jobs, loaded.nameless);
    Configuration configuration{path};
    loaded.jobs.reserve(all.size());
    for (const auto &[instance, files] : all)
        loaded.jobs.push_back({instance, paths_of(files), load(configuration, files, instance)});
    return loaded;
}

Job load_job(const SearchPath &path, std::string_view instance)
try {
    check_spelling(instance, of_jobs);
    const auto all = find_files(path, "jobs");
    Configuration configuration{path};
    const auto take = [](std::expected<Job, ConfigError> job) { return job ? *std::move(job) : throw std::move(job).error(); };
    if (const auto files = files_of(all, instance, of_jobs); !files.empty())
        return take(load(configuration, files, std::string{instance}));
    if (const auto masked = files_of(find_masked_files(path, "jobs"), instance, of_jobs); !masked.empty())
        refuse(masked.front().path, "masks this job: it is a link to /dev/null");
    auto source = path_of_instance(instance);
    if (!source)
        refuse_unknown(path, instance, all);
    auto job = take(configuration.implicit_job());
    job.name = job.instance = instance;
    job.sources = {*std::move(source)};
    return job;
} catch (const std::system_error &error) {
    refuse({}, error.what());
}

Job implicit_job(const SearchPath &path)
{
    auto job = Configuration{path}.implicit_job();
    return job ? *std::move(job) : throw std::move(job).error();
}

LoadedRepositories load_repositories(const SearchPath &path)
{
    LoadedRepositories loaded;
    const auto all = by_instance(path, of_repositories, loaded.nameless);
    const Configuration configuration{path};
    loaded.repositories.reserve(all.size());
    for (const auto &[instance, files] : all)
        loaded.repositories.push_back(load_repository(configuration, files, instance));
    return loaded;
}

Repository load_repository(const SearchPath &path, std::string_view instance)
try {
    check_spelling(instance, of_repositories);
    const auto all = find_files(path, of_repositories.directory);
    if (const auto files = files_of(all, instance, of_repositories); !files.empty()) {
        auto loaded = load_repository(Configuration{path}, files, std::string{instance}).repository;
        return loaded ? *std::move(loaded) : throw std::move(loaded).error();
    }
    const auto masked = files_of(find_masked_files(path, of_repositories.directory), instance, of_repositories);
    if (!masked.empty())
        refuse(masked.front().path, "masks this repository: it is a link to /dev/null");
    if (instance == embedded_repository().name)
        return embedded_repository();
    refuse({}, std::format("there is no repository \"{}\"; looked for {}", instance,
                           candidates(path, of_repositories.directory, instance)));
} catch (const std::system_error &error) {
    refuse({}, error.what());
}

} // namespace igotchuu
