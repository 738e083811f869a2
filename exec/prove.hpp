// SPDX-License-Identifier: MIT
#pragma once

#include "exec/report/report.hpp"
#include "exec/restic/features.hpp"
#include "exec/serve.hpp"
#include "exec/stop.hpp"
#include "job/state.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace igotchuu
{

/// What one proof needs. All outlive it.
struct ToProve {
    const Shown &shown;
    const restic::BackupRequest &request; ///< of the backup
    const RepositoryResult &made; ///< its snapshot; the rest may be unknown
    Extent extent;
    const restic::Features &features;
    const StopRequest &stop;
    const restic::Listener &listener;
    std::uint32_t &starts; ///< counted up for each start of restic
    /// The sources are as they are now: hears each file that differs, up to a thousand. Without it they are as they were for the backup, and the first difference ends it.
    std::function<void(const std::string &path)> differs_now{};
};

/// Compares a backup with the sources that it was made of, which are shown: all files by their hashes, and everything else that is known of them; and some files that
/// are really restored. Throws nothing: what keeps it from an end is in the proof.
[[nodiscard]] Proof prove(const ToProve &what);

enum class Lacks { nothing, something };
/// Whether a backup of the job in that repository is to be proved now: there is no proof that still holds, or the last one was a disproof. That of a backup that lacks something holds for
/// others that do, not for one that is whole.
[[nodiscard]] bool is_proof_due(const Prove &prove, const Record &record, const std::string &repository, Lacks lacks,
                                Clock::time_point now);

/// The proofs that are due, of the backups that the run has just made of sources of which it `lacks` nothing, or something; after them, `run` and its repositories have what came of it. A proof that does not come to
/// an end costs no backup.
void prove_backups(const Shown &shown, const std::vector<Opened> &opened, Lacks lacks, const restic::Features &features,
                   const StopRequest &stop, Report &report, Run &run);

} // namespace igotchuu
