// SPDX-License-Identifier: MIT
#pragma once

#include "exec/stop.hpp"
#include "job/job.hpp"
#include "job/state.hpp"

#include <span>
#include <string>
#include <vector>

namespace igotchuu
{

/// Which of a job's sources are there now, and one sentence for each that is not.
struct Present {
    std::vector<std::string> sources;
    std::vector<std::string> missing;
};

/// Looks at every source before anything is made. Throws Failure, naming all of them at once, when a source is a link (the real path is named),
/// is no directory, lies on a file system that does not answer, or when none is there at all: restic up to 0.18 says 0 when one of several is missing.
[[nodiscard]] Present look_at_sources(std::span<const std::string> sources, const StopRequest &stop);

/// On which file systems and in which subvolumes the sources lie now.
[[nodiscard]] std::vector<SourcePlace> places_of(std::span<const std::string> sources);

/// Throws Failure when a source is on another file system or in another subvolume than at its last backup (success or partial), and is empty, or what was
/// mounted at or above it then is not any more: it is not mounted, and what is seen is the mount point. Says how a move on purpose is made known.
void refuse_mount_points(std::span<const SourcePlace> now, const Record &record);

/// Whether there is a regular file in a source, beside what is left out. Throws std::filesystem::filesystem_error for what cannot be read.
[[nodiscard]] bool has_a_file(const std::string &source, std::span<const std::string> left_out);

/// What is written to while the job is backed up, wherever it lies: the state, the cache and the local repositories. Real paths.
[[nodiscard]] std::vector<std::string> written_to(const Job &job, const std::string &cache_directory);

/// Throws Failure when a source is one of those, or lies in one: it cannot be frozen and written to.
void refuse_written_sources(const Job &job, std::span<const std::string> written);

/// Where `written` can be found below `sources` under another name, since its file system is mounted twice.
[[nodiscard]] std::vector<std::string> other_names(std::span<const std::string> sources, std::span<const std::string> written);

} // namespace igotchuu
