// SPDX-License-Identifier: MIT
#pragma once

#include "job/state.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu
{

/// The places; a test may put them elsewhere. The directories are root:igotchuu 2750, files 0640.
struct StateDirectories {
    std::filesystem::path activity = "/run/igotchuu/state";
    std::filesystem::path records = "/var/lib/igotchuu/jobs";
    std::filesystem::path repositories = "/var/lib/igotchuu/repositories";
    std::filesystem::path kept = "/var/lib/igotchuu/kept";
};

/// Replace by rename; a record is fsynced, with its directory. Throw std::system_error.
void write(const StateDirectories &where, std::string_view instance, const Activity &activity);
void write(const StateDirectories &where, std::string_view instance, const Record &record);
void write(const StateDirectories &where, std::string_view instance, const RepositoryRecord &record);
void write(const StateDirectories &where, std::string_view instance, const Kept &kept); ///< as a record; of no instant: removes it
void remove_activity(const StateDirectories &where, std::string_view instance); ///< one that is not there is fine

/// Nothing for a file that is not there, cannot be read, is over 1 MiB, or is not what this version writes (a newer schema, garbage): the caller
/// goes on as if there were none. No backup is given up for what was known of the ones before.
[[nodiscard]] std::optional<Activity> read_activity(const StateDirectories &where, std::string_view instance);
[[nodiscard]] std::optional<Record> read_record(const StateDirectories &where, std::string_view instance);
/// The same with newest_runs() alone in its history and no days, which takes a fraction of the time: for whoever wants to know them of many jobs.
[[nodiscard]] std::optional<Record> read_newest(const StateDirectories &where, std::string_view instance);
[[nodiscard]] std::optional<RepositoryRecord> read_repository_record(const StateDirectories &where, std::string_view instance);
/// Those of all jobs, and of all repositories, sorted by the files' names.
[[nodiscard]] std::vector<Record> read_records(const StateDirectories &where);
[[nodiscard]] std::vector<RepositoryRecord> read_repository_records(const StateDirectories &where);

/// The instances of the jobs that have kept instants, sorted.
[[nodiscard]] std::vector<std::string> instances_with_kept(const StateDirectories &where);
/// Unlike the others: no file is no instant, and for a file that is not what this version writes it throws Failure, so that nobody takes the snapshots
/// that it lists for left-overs.
[[nodiscard]] Kept read_kept(const StateDirectories &where, std::string_view instance);

} // namespace igotchuu
