// SPDX-License-Identifier: MIT
#pragma once

#include "job/diagnostic.hpp"
#include "job/job.hpp"
#include "job/search-path.hpp"

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu
{

/// What a job file came to: the job, or everything that is wrong with it. `files` are the files that have this instance: two of them are an
/// error that names both.
struct LoadedJob {
    std::string instance;
    std::vector<std::string> files;
    std::expected<Job, ConfigError> job;
};

/// Every job file of `path`, sorted by instance: a broken one is in the list like a sound one. A file whose name cannot be an instance has no
/// unit: it is in `nameless`.
struct LoadedJobs {
    std::vector<LoadedJob> jobs;
    std::vector<Diagnostic> nameless;
};
/// Throws std::system_error when a directory of job files cannot be read.
[[nodiscard]] LoadedJobs load_jobs(const SearchPath &path);

/// The job of one instance, from its file, with defaults.toml below it and its repositories resolved; without a file: the implicit job, when
/// the instance spells a path (and no mask stands there). A key in a drop-in replaces the job's, the job's that of defaults.toml; the tables of
/// unit keys are merged key by key. Throws ConfigError with all faults of all files at once.
/// Limits: a regular file of at most 256 KiB, at most 16 parts in a key (toml++ 3.4 overflows its stack on more); owned by root (below a
/// root: or by the caller) and not writable by group or others.
[[nodiscard]] Job load_job(const SearchPath &path, std::string_view instance);

/// A job without a file, as it stands for every instance: defaults.toml and its repositories, no name and no source. What the template's own
/// sandbox is made from. Throws ConfigError.
[[nodiscard]] Job implicit_job(const SearchPath &path);

/// What a repository file came to, as LoadedJob. Its maintenance has units of this instance.
struct LoadedRepository {
    std::string instance;
    std::vector<std::string> files;
    std::expected<Repository, ConfigError> repository;
    std::vector<Diagnostic> warnings; ///< what is odd in them, and no error
};
struct LoadedRepositories {
    std::vector<LoadedRepository> repositories;
    std::vector<Diagnostic> nameless;
};
/// Every repository file of `path`, as load_jobs(). The embedded repository is none of them.
[[nodiscard]] LoadedRepositories load_repositories(const SearchPath &path);

/// The repository whose units have this instance: that of a file, or the embedded one. Throws ConfigError with all faults at once.
[[nodiscard]] Repository load_repository(const SearchPath &path, std::string_view instance);

/// 16 hexadecimal digits over all of a job and its repositories that a run depends on. An implicit job's name and source are not in it.
[[nodiscard]] std::string digest(const Job &job);

/// The same over a repository and its maintenance; of the embedded one, which the unit of no file stands for, "embedded".
[[nodiscard]] std::string digest(const Repository &repository);

/// The same over where it is and what opens it alone. What is in a credential, a file or a password is not in it.
[[nodiscard]] std::string digest_of_address(const Repository &repository);

} // namespace igotchuu
