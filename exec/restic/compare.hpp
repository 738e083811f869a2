// SPDX-License-Identifier: MIT
#pragma once

#include "exec/restic/run.hpp"
#include "exec/restic/start.hpp"
#include "job/state.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu::restic
{

// What restic can say of a snapshot in the repository beside the frozen sources that it was made of, which it has to see at their own paths. Nothing is
// written to them, and nothing but a lock to the repository. restic's exit status says nothing of what differs (0.18): its messages are counted.

/// What is to be compared. All outlive what is made from it.
struct Comparison {
    const Starter &starter;
    const Access &access;
    const std::string &snapshot; ///< its id
    std::span<const std::string> sources; ///< nothing else may be in it
    std::span<const std::string> live; ///< paths that may differ, with all below them
    const std::function<bool()> &ends; ///< asked once a second: whether restic is to be stopped, like Listener::give_up
    const std::function<void()> &heard; ///< restic has said something: the repository answers
    /// The sources are not as they were when the snapshot was made, but as they are now: seen by another device number, and with other directories.
    bool later = false;
    std::span<const std::string>
        unopened{}; ///< files whose contents are not compared: there is something at which restic would wait for ever
};

/// What one of them came to.
struct Compared {
    Finding finding = Finding::unproven;
    std::string why{}; ///< of what is not proven: one line. May name files. Empty: it was stopped
    std::uint64_t differences = 0;
    std::vector<std::string> different{}; ///< the first thousand of them, as restic names them
    bool complained = false; ///< restic did, of something else than rights that it has not
};

/// A file of the snapshot, with its size. Bytes of its name that are no UTF-8 are U+FFFD each.
using HearFile = std::function<void(const std::string &path, std::uint64_t size)>;

/// Hashes each regular file of the sources, and compares that with what the snapshot says its contents are; no data is read from the repository. `same` hears each
/// that is the same; the second and further names of a file are not among them. `least`: how many files the snapshot has to have.
[[nodiscard]] Compared compare_contents(const Comparison &what, std::uint64_t least, const HearFile &same);

/// Compares everything but the contents of files: names, and of each type, size, owner, mode, times, links, extended attributes; what is missing, and what is there in
/// addition. `request`: of the backup; `made`: what came of it; without a summary nothing is known of it.
[[nodiscard]] Compared compare_metadata(const Comparison &what, const BackupRequest &request, const RepositoryResult &made);

/// Hears each regular file of the snapshot.
[[nodiscard]] Compared list_files(const Comparison &what, const HearFile &hear);

/// Restores the files of these paths, as they were heard, below the directory `target` of restic's root, without restic's cache: as on a new machine. It may restore
/// others whose names are no UTF-8, too. restic is root here, and may not give files away: their owner is not restored.
[[nodiscard]] Compared restore_files(const Comparison &what, std::span<const std::string> paths, const std::string &target);

/// A line for restic's --include-file and --exclude-file that fits the path, and nothing else; but what is U+FFFD or a newline in it is any byte that is no UTF-8, and
/// a tab, too. `path`: absolute.
[[nodiscard]] std::string line_for(std::string_view path);

} // namespace igotchuu::restic
