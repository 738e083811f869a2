// SPDX-License-Identifier: MIT
#include "cli/retrieve/path-words.hpp"

#include "cli/job-names.hpp"
#include "job/diagnostic.hpp"
#include "job/lies-below.hpp"
#include "job/load.hpp"
#include "job/state-files.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <filesystem>
#include <format>
#include <stdexcept>
#include <vector>

namespace igotchuu
{

namespace
{

/// The longest of its sources that the path lies below; 0: none does. Of a job whose file is wrong nothing is known.
std::size_t depth_in(const JobName &name, const std::string &path)
try {
    std::size_t longest = 0;
    for (const auto &source : load_job(SearchPath::standard(), name.instance).sources)
        if (lies_below(path, source))
            longest = std::max(longest, source.size());
    return longest;
} catch (const ConfigError &) {
    return 0;
}

/// The instance of one without a file that has run, and whose directory the path is or lies in; empty: there is none.
std::string job_without_file(const std::string &path)
try {
    for (std::filesystem::path directory{path};; directory = directory.parent_path()) {
        const auto instance = instance_of_path(directory.native());
        if (const auto record = read_newest({}, instance); record && record->file.empty())
            return instance;
        if (!directory.has_relative_path())
            return {};
    }
} catch (const std::invalid_argument &) { // no unit can be called so
    return {};
}

} // namespace

bool is_path(std::string_view word)
{
    return word.starts_with('/') || word.starts_with("./") || word.starts_with("../") || word == "." || word == "..";
}

std::string stored_path(const std::string &word)
{
    auto path = std::filesystem::absolute(word).lexically_normal().native();
    while (path.size() > 1 && path.ends_with('/'))
        path.pop_back();
    return path.starts_with("//") ? path.substr(1) : path;
}

void add_job_of(RepositoryChoice &where, const std::string &path)
{
    if (!where.job.empty() || !where.repository.empty())
        return;
    std::size_t deepest = 0;
    std::vector<JobName> found;
    for (const auto &job : jobs_with_files(SearchPath::standard())) {
        const auto depth = depth_in(job, path);
        if (depth > deepest)
            found.clear();
        if (depth > 0 && depth >= deepest)
            found.push_back(job);
        deepest = std::max(depth, deepest);
    }
    if (found.empty()) {
        where.job = job_without_file(path);
        if (where.job.empty())
            throw UsageError{std::format("no job backs up {}: say which job it is of, or --repository", printable(path))};
        return;
    }
    if (found.size() > 1)
        throw UsageError{std::format("{} is backed up by several jobs: say which ({})", printable(path), to_choose_from(found))};
    where.job = found.front().name;
}

void refuse_bare_path(const RepositoryChoice &where)
{
    const auto &word = where.job;
    std::error_code error;
    if (word.empty() || is_path(word) || !std::filesystem::exists(std::filesystem::symlink_status(word, error)) || !is_no_job(word))
        return;
    throw UsageError{std::format("there is no job \"{}\"; for the path in this directory: ./{}", printable(word), printable(word))};
}

bool is_no_job(const std::string &word)
try {
    return job_called(SearchPath::standard(), word).instance.empty();
} catch (const UsageError &) {
    return true;
}

bool needs_no_job(const RepositoryChoice &where, const std::string &word)
{
    return !where.repository.empty() && is_no_job(word);
}

} // namespace igotchuu
