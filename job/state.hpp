// SPDX-License-Identifier: MIT
#pragma once

#include "job/exit-status.hpp"
#include "job/prove.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace igotchuu
{

using Clock = std::chrono::system_clock;

/// How a run ended. The same words stand in state files, journal and (later) bus, metrics and command line.
enum class Outcome {
    success,
    pending, ///< a repository is absent: the instant is kept, and sent when it comes
    partial, ///< there is a snapshot in the repository, and something is missing in it
    stopped, ///< somebody asked for it
    failed,
    disproved, ///< there is a snapshot in the repository, and it is not what was backed up, or cannot be read back
    killed, ///< found by `reap`: the run never said how it ended
    bad_configuration,
    not_now,
};
inline constexpr std::array outcomes{Outcome::success,   Outcome::pending, Outcome::partial,
                                     Outcome::stopped,   Outcome::failed,  Outcome::killed,
                                     Outcome::disproved, Outcome::not_now, Outcome::bad_configuration};
[[nodiscard]] std::string_view to_string(Outcome outcome);
[[nodiscard]] ExitStatus exit_status(Outcome outcome); ///< of a run that is pending: as if no repository had got it
/// Of several repositories' outcomes, the one that the run has: disproved > failed > stopped > partial > pending > success. A failure is tried again; what is
/// disproved was believed to be a backup, and somebody has to look.
[[nodiscard]] Outcome worse(Outcome a, Outcome b);
/// Whether a snapshot of the run is in the repository, be it good or bad.
[[nodiscard]] bool has_snapshot(Outcome outcome);

/// The steps of a backup, in their order.
enum class Phase { start, lock, reap, snapshot, mount, restic, prove, release, forget };
inline constexpr std::array phases{Phase::start,  Phase::lock,  Phase::reap,    Phase::snapshot, Phase::mount,
                                   Phase::restic, Phase::prove, Phase::release, Phase::forget};
inline constexpr std::size_t phase_count = phases.size();
[[nodiscard]] std::string_view to_string(Phase phase);

/// restic's status line, https://restic.readthedocs.io "JSON output"; no file names. Absent numbers are 0.
struct Progress {
    std::uint64_t seconds_elapsed = 0, seconds_remaining = 0;
    double percent_done = 0; ///< 0 to 1
    std::uint64_t total_files = 0, files_done = 0, total_bytes = 0, bytes_done = 0, error_count = 0;
    friend bool operator==(const Progress &, const Progress &) = default;
};

/// restic's summary line.
struct Summary {
    std::uint64_t files_new = 0, files_changed = 0, files_unmodified = 0, dirs_new = 0, dirs_changed = 0, dirs_unmodified = 0;
    std::int64_t data_blobs = 0, tree_blobs = 0;
    std::uint64_t data_added = 0, total_files_processed = 0, total_bytes_processed = 0;
    double total_duration = 0; ///< seconds
    std::string snapshot_id{}; ///< 64 hexadecimal digits; empty: restic made no snapshot
    friend bool operator==(const Summary &, const Summary &) = default;
};

/// Why the snapshots that the job's rules no longer keep stay all the same.
enum class Hold {
    none,
    newest, ///< the one just made is not the last one among those that stay
    empty, ///< a source has no file any more
    lost, ///< the snapshot that the run before made is not there any more
    moved, ///< a source is on another file system than before
    shrunk, ///< the backup has less than half of the files or bytes that it had
    rewritten, ///< over half of its files or bytes are new or changed
    machines, ///< hosts take turns: two machines have one id
    too_many, ///< more than usual would go at once
    locked, ///< another restic works on the repository: it goes with one of the next runs
    failed, ///< restic could not say what would go, or could not remove it
};
inline constexpr std::array holds{Hold::none,      Hold::newest,   Hold::empty,    Hold::lost,   Hold::moved, Hold::shrunk,
                                  Hold::rewritten, Hold::machines, Hold::too_many, Hold::locked, Hold::failed};
[[nodiscard]] std::string_view to_string(Hold hold);
/// Whether it was refused, as the backup or the plan is not as they use to be. What restic could not do was not.
[[nodiscard]] constexpr bool is_refusal(Hold hold)
{
    return hold != Hold::none && hold != Hold::locked && hold != Hold::failed;
}
/// Whether a person may have removed what is held: igotchuu retention --confirm.
[[nodiscard]] constexpr bool can_be_confirmed(Hold hold)
{
    return is_refusal(hold) && hold != Hold::newest;
}

/// What came of a job's rules (the keys keep.…) in one repository, of all snapshots of the job on this machine.
struct Retention {
    std::uint32_t kept = 0; ///< by the rules
    std::uint32_t planned = 0; ///< not kept by them
    std::uint32_t removed = 0; ///< of those; all or none, unless restic failed
    Hold hold = Hold::none;
    std::string why{}; ///< of a hold: a sentence. May name files
    friend bool operator==(const Retention &, const Retention &) = default;
};

/// What a comparison of a backup with what it was made of came to.
enum class Finding {
    proven,
    unproven, ///< it did not come to an end, and nothing was found until then
    disproved, ///< they differ, or the backup cannot be read back
};
inline constexpr std::array findings{Finding::proven, Finding::unproven, Finding::disproved};
[[nodiscard]] std::string_view to_string(Finding finding);

/// The proof of a backup in one repository.
struct Proof {
    Extent extent = Extent::off; ///< that was asked for
    Finding finding = Finding::unproven;
    std::uint64_t files = 0, bytes = 0; ///< whose contents are those of the source, by hash
    std::uint64_t restored = 0; ///< files that were really restored, and are byte for byte those of the source
    std::string why{}; ///< of what is not proven: one line. May name files
    friend bool operator==(const Proof &, const Proof &) = default;
};

/// The last backup of a job in a repository that was proven.
struct LastProven {
    std::string repository{};
    std::string snapshot_id{};
    Clock::time_point instant{}, proven{}; ///< of what it holds, and when it was compared with that
    Extent extent = Extent::off;
    std::uint64_t files = 0, bytes = 0, restored = 0; ///< as in Proof
    friend bool operator==(const LastProven &, const LastProven &) = default;
};

/// What came of a run in one repository.
struct RepositoryResult {
    std::string repository{};
    Outcome outcome = Outcome::failed;
    std::string message{}; ///< one line; why, when it is not a success. May name files: for root and the group only
    std::uint64_t errors = 0; ///< of restic: files that it could not read
    Summary summary{};
    std::optional<Clock::time_point>
        unchanged_since{}; ///< the instant of the backup that `summary` names, to which there is nothing to add: restic was not started
    std::optional<Retention> retention{}; ///< nothing: the job keeps all, it was not a good run, or it was stopped before
    std::optional<Proof> proof{}; ///< nothing: none was due, or it was not come to that
    friend bool operator==(const RepositoryResult &, const RepositoryResult &) = default;
};

/// Where a source was.
struct SourcePlace {
    std::string source{};
    std::string file_system{}; ///< of a btrfs its id, as blkid(8) shows it, else "TYPE DEVICE", as in mountinfo; empty: unknown
    std::uint64_t subvolume = 0; ///< of a btrfs; 0: unknown
    std::string method{}; ///< how it was frozen, as in the key `snapshot`; empty: it was not come to that
    bool empty = false; ///< there was no file in it; of a job that keeps all it is not looked at
    std::string mount_point{}; ///< where the file system that it lay on was mounted: at or above it; empty: unknown
    friend bool operator==(const SourcePlace &, const SourcePlace &) = default;
};

/// A run that is over.
struct Run {
    std::string invocation_id{}; ///< systemd's, 32 hexadecimal digits; one of our own for a run by hand
    Clock::time_point started{}, ended{};
    Outcome outcome = Outcome::failed;
    std::string message{}; ///< one line
    std::string kept_run{}; ///< it sent the kept instant of that run (its invocation), or gave it up; empty: it took one of its own
    Clock::time_point
        instant{}; ///< what was backed up is as it was then; the epoch: it was not come to that, or all of it was live
    std::vector<RepositoryResult> repositories{};
    std::vector<SourcePlace> sources{}; ///< those that were there
    std::uint32_t snapshots = 0; ///< of subvolumes, datasets, volumes
    std::uint32_t read_only_left_out = 0; ///< nested read-only subvolumes
    std::uint32_t instants = 0; ///< at which the snapshots were taken; of live trees none
    std::chrono::microseconds window{}; ///< from the first of the snapshots to the last
    std::chrono::microseconds
        hold_window{}; ///< for how long the programs of the key `hold` held something still; 0: there were none
    std::uint32_t restic_starts = 0;
    std::array<std::chrono::microseconds, phase_count> phases{}; ///< how long each took
    std::string basis{}; ///< what the backup depends on, as in Record; empty: unknown. Not in the history
    /// Whether what restic was shown was all that it should have been, whatever became of it in each repository. Nothing: it was not come to that, or the
    /// record is of a version that did not say so.
    std::optional<bool> whole{};
    void add_to_message(const std::string &sentence) { message += (message.empty() ? "" : "; ") + sentence; }
    friend bool operator==(const Run &, const Run &) = default;
};

/// Whether there is a backup that misses nothing: in each repository, or in one at least while the others are pending.
[[nodiscard]] bool succeeded(const Run &run);
[[nodiscard]] ExitStatus exit_status(const Run &run);
/// Whether the snapshot of a run in one repository misses nothing. Of a source that was not there, and of a view that was not what it should have been, the results know nothing;
/// runs of older versions do not say so: they are worse than the worst of their results then. What stopped a run, or what it could not forget afterwards, is no fault of the
/// snapshot.
[[nodiscard]] bool is_whole(const Run &run, const RepositoryResult &result);
/// How fresh a success makes the backup: as of when it ended; one that was sent late is as old as its instant.
[[nodiscard]] Clock::time_point fresh_as_of(const Run &run);
/// When what it backed up was as it is in the backup.
[[nodiscard]] Clock::time_point instant_of(const Run &run);

/// A repository whose newest backup is what the job would back up now, as far as is known.
struct UpToDate {
    std::string repository{};
    Clock::time_point since{}; ///< the instant of that backup
    Summary summary{}; ///< of that backup
    friend bool operator==(const UpToDate &, const UpToDate &) = default;
};

/// What is left of a day's runs when they have left the history: an hourly job fills that in four days, and of runs that have nothing to do it has one alone.
struct Day {
    std::chrono::sys_days date{}; ///< of the machine's zone, on which its runs ended
    std::uint32_t runs = 0; ///< but those that could not run then
    std::uint32_t good = 0; ///< as succeeded() says
    Outcome worst = Outcome::success; ///< of the runs; not_now: there was none
    Clock::time_point fresh{}; ///< of its good ones the newest, as fresh_as_of() says; the epoch: there was none
    std::chrono::microseconds longest{}; ///< of the runs
    std::uint64_t added = 0; ///< bytes, to all repositories
    std::uint64_t files = 0, bytes = 0; ///< in the newest backup
    friend bool operator==(const Day &, const Day &) = default;
};

/// /var/lib/igotchuu/jobs/INSTANCE.json: what came of a job's runs.
struct Record {
    static constexpr std::size_t history_max = 100;
    static constexpr std::size_t days_max = 400; ///< a year, and a month to compare with the same one of last year

    std::string job{}; ///< its name
    std::string file{}; ///< its file at the last run; empty: implicit
    std::vector<Run> history{}; ///< newest first
    std::optional<Run> last_success{}; ///< kept when it has left the history
    std::optional<Clock::time_point> waits_since{}; ///< since when each run of its own was "not now"
    std::string basis{}; ///< what the last backup depended on, in one text: with the same one it would be the same backup
    std::vector<UpToDate> up_to_date{}; ///< who has that one, all of it
    std::vector<LastProven> proven{}; ///< one a repository
    std::vector<Day> days{}; ///< newest first; those without a run are left out
};

/// The last backup there that was proven; nullptr: none was.
[[nodiscard]] const LastProven *last_proven(const Record &record, std::string_view repository);
/// Those of a job's last proven backups that are in `repositories`, which it has now: the record has also those in others that it had once. With no names all of
/// them, for whoever does not know its repositories.
[[nodiscard]] std::vector<LastProven> proven_in(std::span<const LastProven> proven, std::span<const std::string> repositories);
/// When the one of these was proven whose proof is the oldest: no repository is worse off. Nothing: in one of them none ever was.
[[nodiscard]] std::optional<Clock::time_point> proven_everywhere(std::span<const LastProven> proven,
                                                                 std::span<const std::string> repositories);

/// The newest run of the job's own, which no kept instant that is sent hides; of a history of none but such ones the newest. nullptr: it never ran.
[[nodiscard]] const Run *last_own_run(const Record &record);
/// The newest of those that could run, which no try that is "not now" hides either: it is the last word about the job. Of a history without one last_own_run().
[[nodiscard]] const Run *last_that_ran(const Record &record);
/// The newest runs, down to the last of the job's own that could run.
[[nodiscard]] std::span<const Run> newest_runs(const Record &record);
/// What those came to, one a repository: the newest of each.
[[nodiscard]] std::vector<RepositoryResult> last_results(const Record &record);
/// What came last of the job's rules, one a repository: of those, or, where they did not get so far, of the last success. Each has a retention.
[[nodiscard]] std::vector<RepositoryResult> last_retentions(const Record &record);

/// /run/igotchuu/state/INSTANCE.json: what a job does now. True only while the unit's InvocationID is `invocation_id`.
struct Activity {
    std::string job{};
    std::string file{}; ///< of the job; empty: implicit
    std::vector<std::string> sources{}; ///< where a killed run may have left something
    std::string invocation_id{};
    Clock::time_point started{};
    Phase phase = Phase::start;
    std::string repository{}; ///< in Phase::restic, Phase::prove and Phase::forget
    std::optional<Progress> progress{};
    pid_t process = 0; ///< igotchuu-exec's; 0: unknown
};

/// A maintenance of a repository that is over.
struct MaintenanceRun {
    std::string invocation_id{};
    Clock::time_point started{}, ended{};
    Outcome outcome = Outcome::failed;
    std::string message{}; ///< one line
    std::uint64_t bytes_freed = 0; ///< by prune, as it said in three decimals
    std::uint32_t part = 0, parts = 0; ///< of the data: which was read without a fault, of how many; 0: none
    bool unlocked = false; ///< locks were there, and restic was asked to remove the stale ones
    std::uint32_t restic_starts = 0;
    std::chrono::microseconds prune{}, check{}; ///< how long each took
    friend bool operator==(const MaintenanceRun &, const MaintenanceRun &) = default;
};

/// A key of a repository that is on paper, for when this machine is gone. The key itself is nowhere here.
struct RecoveryKey {
    std::string id{}; ///< restic's: 64 hexadecimal digits
    Clock::time_point made{};
    std::optional<Clock::time_point> confirmed{}; ///< since when somebody is known to have it
    friend bool operator==(const RecoveryKey &, const RecoveryKey &) = default;
};

/// /var/lib/igotchuu/repositories/INSTANCE.json: what came of a repository's maintenance, which part of its data is read next, and its recovery key.
struct RepositoryRecord {
    std::string repository{}; ///< its name
    std::string file{}; ///< its file at the last run; empty: the embedded one
    std::vector<MaintenanceRun> history{}; ///< newest first; as long as a job's
    std::optional<MaintenanceRun> last_success{};
    std::vector<Clock::time_point> parts_read{}; ///< of each part: when it was last read without a fault; the epoch: never
    std::uint32_t next_part = 1; ///< from 1 on
    bool damaged = false; ///< the last check found faults: nothing is pruned until one finds none
    std::optional<RecoveryKey> recovery_key{}; ///< that was made from here, or found
};

/// A frozen tree of a kept instant: where it belongs, and where its method finds it again.
struct KeptTree {
    std::string source{}, below{}; ///< as in Tree
    std::string method{}; ///< as in the key `snapshot`
    std::string place{}; ///< in the method's own words
    friend bool operator==(const KeptTree &, const KeptTree &) = default;
};

/// A repository that still wants a kept instant.
struct Wanting {
    std::string repository{};
    Clock::time_point since{}; ///< it has been absent, as far as is known: the first instant that it did not get
    std::string why{}; ///< one line
    std::optional<Clock::time_point> disproved{}; ///< when what was last sent there was found to be no backup
    friend bool operator==(const Wanting &, const Wanting &) = default;
};
/// Until when the instant is not sent there again by itself, since what was sent was disproved: each try leaves one more snapshot. Nothing: it is sent as ever.
[[nodiscard]] std::optional<Clock::time_point> put_off_until(const Wanting &one, Clock::time_point now);

/// An instant whose snapshots stay until each repository has it.
struct KeptInstant {
    std::string run{}; ///< the invocation of the run that froze it: its snapshots bear the mark INSTANCE:RUN
    Clock::time_point instant{}, kept{}; ///< when it was frozen, and since when it is kept
    std::vector<SourcePlace> sources{};
    std::vector<KeptTree> trees{}; ///< of each source: parents before children
    std::vector<std::string> left_out{}; ///< paths that are not in the backup: our own pools below the sources
    std::vector<std::string> missing{}; ///< sentences: what it lacks
    std::vector<Wanting> repositories{}; ///< none: all have it, and it is about to be deleted
    friend bool operator==(const KeptInstant &, const KeptInstant &) = default;
};

/// /var/lib/igotchuu/kept/INSTANCE.json: a job's kept instants. There is no file where there are none.
struct Kept {
    std::string job{}; ///< its name
    std::string file{}; ///< its file; empty: implicit
    std::vector<KeptInstant> instants{}; ///< oldest first
    friend bool operator==(const Kept &, const Kept &) = default;
};

} // namespace igotchuu
