// SPDX-License-Identifier: MIT
#pragma once

#include "exec/restic/access.hpp"
#include "exec/restic/features.hpp"
#include "exec/restic/installation.hpp"
#include "exec/stop.hpp"
#include "job/job.hpp"
#include "job/state.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace igotchuu::restic
{

/// What the caller hears while restic runs. File names are in `text` only: for the journal of root.
struct Listener {
    std::function<void(const Progress &)> progress; ///< at most twice a second
    std::function<void(std::string text)> complaint; ///< one printable line: an error of one file, or restic's own words
    std::function<void(pid_t process, int signal)>
        stands_still; ///< restic does, by that signal, and for as long as nobody wakes it
    std::function<bool()> give_up{}; ///< asked once a second; true: restic is stopped
};

struct BackupRequest {
    const Job &job;
    const Repository &repository;
    const Access *access; ///< nullptr: the embedded repository's, which may have to be made first
    std::chrono::system_clock::time_point instant; ///< --time
    std::vector<std::string> leave_out{}; ///< absolute paths, verbatim: excluded by igotchuu itself
    std::vector<std::string> leave_out_contents{}; ///< the same, but the directories themselves are backed up
    std::string root{}; ///< restic's "/"; empty: ours
    std::chrono::nanoseconds reaches_within =
        std::chrono::nanoseconds::max(); ///< how long it may try to reach a server that does not answer
    bool read_all = false; ///< also files that are unchanged by their size and times
};

/// Whether it is on a disk of this machine that is not there now: its directory is not. The embedded one never is.
[[nodiscard]] bool is_absent(const Repository &repository);

/// `restic backup`, confined (confine.hpp), its output read to the end; SIGINT once when asked to stop, SIGKILL after the grace. The embedded
/// repository is made when restic says that there is none (exit 10), and only that one. `starts` is counted up for each start of restic on the
/// repository. The outcome is restic's exit status, its summary, and our own check that the snapshot is there where the repository is local;
/// they have to agree. An absent repository, and one whose server is out of reach, is pending. A stop is an outcome here, not an exception. Throws Failure when restic cannot even be started.
[[nodiscard]] RepositoryResult backup(const BackupRequest &request, const Features &features, const StopRequest &stop,
                                      const Listener &listener, std::uint32_t &starts,
                                      const Installation &installation = Installation::standard());

} // namespace igotchuu::restic
