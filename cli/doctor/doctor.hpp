// SPDX-License-Identifier: MIT
#pragma once

#include "cli/overview.hpp"
#include "job/job.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What will hurt later: the checks of `igotchuu doctor`, apart from what looks at the machine (cli/doctor-look.hpp).
namespace igotchuu::doctor
{

struct Ailment {
    Severity severity = Severity::warning; ///< or critical
    std::string about{}; ///< a job, a repository, a unit, a file: printable, as is what follows
    std::string why{}; ///< a sentence: what it is, and what comes of it
    std::string cure{}; ///< what to type
    std::string_view check{}; ///< which has found it
};

/// What is wrong with a thing, and what helps; empty: nothing is.
struct Trouble {
    std::string why{}, cure{};
};

/// A swap file in use.
struct SwapSeen {
    std::string file{};
    std::string subvolume{}; ///< the directory at which its subvolume begins, as far up as its mount shows that
};

struct SourceSeen {
    std::string path{};
    Trouble trouble{}; ///< why it cannot be backed up as it is
    std::vector<std::string> disks{}; ///< see disks_of()
    std::vector<std::string> others{}; ///< where other file systems are mounted below, which the job does not name
    std::vector<std::string> read_only{}; ///< subvolumes below that the job leaves out, and that are no snapshots of what it has
    std::string swap_file{}; ///< an active one in the very subvolume that is to be frozen
    std::vector<SwapSeen> swap_below{}; ///< in nested ones that are to be frozen as well; `subvolume`: the place below the source
};

struct JobSeen {
    std::string name{}, instance{}, file{}; ///< no file: a job without one
    std::string fault{}; ///< the first of its file
    std::optional<Job> job{}; ///< nothing: a fault, or a file that may not be read
    std::optional<bool> loaded{}; ///< systemd has it as its file is now; nothing: not seen
    std::vector<SourceSeen> sources{};
    Severity runs = Severity::fine; ///< how its runs are, see igotchuu status
};

struct RepositorySeen {
    Repository repository{};
    std::string instance{};
    std::optional<bool> loaded{}; ///< as of a job; of the embedded one nothing
    std::vector<std::string> disks{}; ///< none: it is elsewhere, or not there now
    enum class RecoveryKey { unknown, none, unconfirmed, confirmed };
    RecoveryKey recovery_key = RecoveryKey::unknown;
};

/// The timer of a file that asks for one.
struct TimerSeen {
    std::string unit{}, of{}; ///< `of`: the name of its job or repository
    enum class Work { backup, look, maintenance };
    Work work = Work::backup;
    enum class State { runs, off, masked, unusable, never_again };
    State state = State::runs;
};

struct BtrfsSeen {
    std::string id{};
    std::string path{}; ///< a source on it
    bool quota_groups = false; ///< and no simple quotas, which cost little
};

struct SpaceSeen {
    std::string path{};
    std::string of{}; ///< "its metadata"; empty: the file system as a whole
    std::uint64_t all = 0, free = 0; ///< bytes
};

struct ClockSeen {
    bool synchronised = true;
    Clock::time_point now{}, newest{}; ///< `newest`: when the last of what is recorded happened
};

struct ResticSeen {
    std::string path{};
    std::string version{}; ///< "0.18.0"
    std::string failure{}; ///< why it does not say its version
};

/// What of igotchuu itself is not as it was installed.
struct Missing {
    Severity severity = Severity::warning;
    std::string about{};
    Trouble trouble{};
};

/// What there is to judge. What could not be seen is empty, and a sentence of `unseen`.
struct Seen {
    std::vector<JobSeen> jobs{};
    std::vector<RepositorySeen> repositories{};
    std::vector<TimerSeen> timers{};
    std::vector<std::string> faults{}; ///< of files that no job in `jobs` has
    std::vector<std::string> timers_without_file{}; ///< that run
    std::vector<std::string> kept_without_job{}; ///< instances
    std::vector<BtrfsSeen> btrfs{};
    std::vector<SpaceSeen> spaces{};
    std::optional<ClockSeen> clock{};
    std::optional<ResticSeen> restic{};
    Trouble cache{};
    std::vector<Missing> missing{};
    std::vector<std::string> other_timers{}, other_files{}; ///< of other programs that back up
    std::vector<std::string> unseen{};
};

struct Check {
    std::string_view name; ///< never changes: scripts know it
    std::vector<Ailment> (*judge)(const Seen &);
};
[[nodiscard]] const std::vector<Check> &checks();

/// What all checks find: the worst first, then in the order of the checks.
[[nodiscard]] std::vector<Ailment> examine(const Seen &seen);

/// "all is well: 18 checks, of 1 job, 2 sources, …", or how many ailments there are. One line.
[[nodiscard]] std::string summary(const Seen &seen, const std::vector<Ailment> &ailments);

/// One object on one line; igotchuu(1) "JSON" describes it.
[[nodiscard]] std::string to_json(const Seen &seen, const std::vector<Ailment> &ailments);

} // namespace igotchuu::doctor
