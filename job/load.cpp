// SPDX-License-Identifier: MIT
#include "job/load.hpp"

#include "job/configuration.hpp"
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

ConfigError two_of(const Files &files, std::string_view instance)
{
    std::vector<Diagnostic> faults;
    for (const auto &file : files)
        for (const auto &other : files)
            if (&file != &other)
                faults.push_back({file.path, 0, 0,
                                  std::format("the unit of this job, {}, is also that of {}: rename one of the files",
                                              service_of(instance), other.path)});
    return ConfigError{std::move(faults)};
}

std::expected<Job, ConfigError> load(Configuration &configuration, const Files &files, const std::string &instance)
{
    if (files.size() > 1)
        return std::unexpected{two_of(files, instance)};
    return configuration.job(files.front(), instance);
}

/// The files whose unit has this instance; a name that can have no unit is none of them.
Files files_of(Files files, std::string_view instance)
{
    std::erase_if(files, [&](const FoundFile &file) {
        try {
            return instance_of(file.name) != instance;
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

void check_spelling(std::string_view instance)
try {
    if (const auto spelled = instance_of(instance); spelled != instance)
        refuse({},
               std::format("\"{}\" cannot be the instance of a unit; the instance of a job of that name is {}", instance, spelled));
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
    std::map<std::string, Files> by_instance;
    for (auto &file : find_files(path, "jobs")) {
        try {
            by_instance[instance_of(file.name)].push_back(std::move(file));
        } catch (const std::invalid_argument &error) {
            loaded.nameless.push_back({file.path, 0, 0, error.what()});
        }
    }
    Configuration configuration{path};
    loaded.jobs.reserve(by_instance.size());
    for (const auto &[instance, files] : by_instance) {
        std::vector<std::string> paths;
        std::ranges::transform(files, std::back_inserter(paths), &FoundFile::path);
        loaded.jobs.push_back({instance, std::move(paths), load(configuration, files, instance)});
    }
    return loaded;
}

Job load_job(const SearchPath &path, std::string_view instance)
try {
    check_spelling(instance);
    const auto all = find_files(path, "jobs");
    Configuration configuration{path};
    const auto take = [](std::expected<Job, ConfigError> job) { return job ? *std::move(job) : throw std::move(job).error(); };
    if (const auto files = files_of(all, instance); !files.empty())
        return take(load(configuration, files, std::string{instance}));
    if (const auto masked = files_of(find_masked_files(path, "jobs"), instance); !masked.empty())
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

} // namespace igotchuu
