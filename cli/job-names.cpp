// SPDX-License-Identifier: MIT
#include "cli/job-names.hpp"

#include "job/diagnostic.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <filesystem>
#include <format>
#include <optional>
#include <stdexcept>

namespace igotchuu
{

namespace
{

/// A job of a directory, which needs no file. A word that was mistyped spells a path as well, but mostly of nothing.
std::optional<JobName> job_without_file(std::string_view word)
try {
    const std::string instance = word.starts_with('/') ? instance_of_path(word) : std::string{word};
    const auto path = path_of_instance(instance);
    std::error_code error;
    if (!path || !std::filesystem::is_directory(*path, error))
        return {};
    return JobName{instance, instance, {}};
} catch (const std::invalid_argument &) {
    return {};
}

} // namespace

std::vector<JobName> jobs_with_files(const SearchPath &path)
{
    std::vector<JobName> jobs;
    for (auto &file : find_files(path, "jobs")) {
        try {
            auto instance = instance_of(file.name);
            jobs.push_back({std::move(file.name), std::move(instance), std::move(file.path)});
        } catch (const std::invalid_argument &) { // it is a fault of the file, which `validate` names
        }
    }
    return jobs;
}

JobName job_called(const SearchPath &path, std::string_view word)
{
    const auto jobs = jobs_with_files(path);
    for (const auto of : {&JobName::name, &JobName::instance})
        if (const auto found = std::ranges::find(jobs, word, of); found != jobs.end())
            return *found;
    if (auto found = job_without_file(word))
        return *std::move(found);
    std::vector<std::string_view> names;
    std::ranges::transform(jobs, std::back_inserter(names), &JobName::name);
    const auto near = nearest(word, names);
    throw UsageError{std::format(
        "there is no job \"{}\"{}", printable(word, 256),
        near.empty() ? std::string{jobs.empty() ? "; no file in /etc/igotchuu/jobs describes one" : "; igotchuu status lists them"}
                     : std::format("; did you mean \"{}\"?", printable(near)))};
}

std::string to_choose_from(std::span<const JobName> jobs)
{
    constexpr std::size_t most = 5;
    std::string text;
    for (const auto &job : jobs.first(std::min(most, jobs.size())))
        text += (text.empty() ? "" : ", ") + printable(job.name);
    return text + (jobs.size() > most ? ", …" : "");
}

} // namespace igotchuu
