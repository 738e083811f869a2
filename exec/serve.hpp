// SPDX-License-Identifier: MIT
#pragma once

#include "exec/namespace.hpp"
#include "exec/report/report.hpp"
#include "exec/restic/access.hpp"
#include "exec/restic/features.hpp"
#include "exec/restic/installation.hpp"
#include "exec/restic/run.hpp"
#include "exec/snapshot/choose.hpp"
#include "exec/sources.hpp"
#include "exec/stop.hpp"
#include "exec/view.hpp"
#include "job/job.hpp"
#include "job/state.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace igotchuu
{

// What the backup of an instant and the sending of a kept one have in common: the frozen sources are shown in their place, and go to each repository.

/// What has to work though the sources are frozen.
[[nodiscard]] Keep what_goes_on(const Job &job, const restic::Installation &installation);

/// The secrets of the job's repositories, in their order; or why they are not there. Of the embedded one nothing yet: its key may have to be made.
struct Opened {
    std::optional<restic::Access> access;
    std::string why_not;
};
[[nodiscard]] std::vector<Opened> open_repositories(const Job &job, const restic::Installation &installation,
                                                    const StopRequest &stop);

/// The sources as they were, each in its place, and what follows from that for whoever uses a repository meanwhile.
struct Shown {
    const Job &job; ///< its sources are those that are there
    const Snapshots &snapshots;
    const View &view;
    std::vector<std::string>
        left_out{}; ///< not in the backup, beside what its job excludes: what is live, and the snapshots themselves
    std::chrono::system_clock::time_point instant{};

    /// `left_out`: the other names of what is live.
    Shown(const Job &job, const Snapshots &snapshots, const View &view, std::vector<std::string> left_out);
    [[nodiscard]] restic::BackupRequest request(const Repository &repository, const Opened &opened) const;
    /// What is backed up, and is not as it was at the instant.
    [[nodiscard]] std::vector<std::string> live() const;
};

/// What happens while the sources are seen as they were: nobody but restic works, and it reaches neither a service of the system nor a disk. The outcome of
/// each repository comes to `run`; after a stop the others are not tried. When all have got it, the backups are proved, as far as that is due. Every view of
/// `snapshots` is gone at the end.
void back_up_frozen(const Job &job, const std::vector<Opened> &opened, const Present &present, Snapshots &snapshots,
                    const Keep &keep, const Scratch &scratch, const restic::Features &features, const StopRequest &stop,
                    Report &report, Run &run);

/// Tells a story to its end, whatever that is: what it throws is the outcome, and the run is reported on every channel.
[[nodiscard]] Run to_the_end(Report &report, Run run, const std::function<void(Run &)> &story);

} // namespace igotchuu
