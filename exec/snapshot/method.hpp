// SPDX-License-Identifier: MIT
#pragma once

#include "exec/tree.hpp"
#include "job/error.hpp"
#include "job/job.hpp"
#include "job/state.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu
{

struct Mount;
class StopRequest;

/// What was found and done, for the report.
struct Census {
    std::uint32_t snapshots = 0; ///< of subvolumes, datasets, volumes
    std::uint32_t read_only_left_out = 0; ///< nested read-only subvolumes, with what is below them
    std::uint32_t over_limit = 0; ///< nested ones beyond `limit`: not in the backup
    std::string limit; ///< "nested-max = 20000", or that of open files, where it is the lower one
    std::uint32_t left_out =
        0; ///< not in the backup for another reason: moved meanwhile, an active swap file, too deep, a key that is not loaded
    std::vector<std::string> left_out_why; ///< one sentence about each of the first few; holds file names as they are
    std::vector<std::string> own_pools; ///< directories of ours below a source: for restic to leave out
    std::vector<std::string> other_file_systems; ///< mounted in what was frozen, as paths below the sources: not in the backup
    std::uint32_t file_systems = 0;
    std::uint32_t instants = 0; ///< at which the snapshots were taken; of live trees none
    std::chrono::system_clock::time_point instant = std::chrono::system_clock::time_point::max(); ///< the first of them
    std::chrono::steady_clock::time_point started = std::chrono::steady_clock::time_point::max(); ///< before the first snapshot
    std::chrono::steady_clock::time_point ended = std::chrono::steady_clock::time_point::min(); ///< after the last
};

/// What one method has frozen for a run. A destructor takes away what remove() did not, and cannot report; it closes `trees_` first.
class Frozen
{
public:
    virtual ~Frozen() = default;

    [[nodiscard]] const std::vector<Tree> &trees() const noexcept { return trees_; } ///< parents before children
    [[nodiscard]] const Census &census() const noexcept { return census_; }

    /// A sentence when space has become so scarce that the snapshots do harm: as long as there is one, what is deleted gives none back. Else empty.
    [[nodiscard]] virtual std::string short_of_space() const = 0;

    /// From here on nobody comes to the snapshots by a path: to be called when the trees are shown, before restic runs.
    virtual void hide() = 0;

    /// Deletes the snapshots and what leads to them. Every view of them must be gone. Goes on after a failure, and throws Failure at the end with
    /// what stays. At most once.
    virtual void remove() = 0;

    /// Leaves the snapshots where they are: from here on neither remove() nor the destructor deletes anything. Only where each tree has its `place`, and
    /// after that was written down.
    virtual void keep() noexcept {}
    /// Closes all that leads to what is kept; every view must be gone. Throws when something cannot be closed.
    virtual void close() {}

    /// In numbers, what is frozen: the same at another run only if not a byte of data or metadata was changed since, and the trees are the same ones. Empty:
    /// nobody can know.
    [[nodiscard]] virtual std::string version() const { return {}; }

    /// How much of the space that the snapshots take theirs from is free, in percent: of data or of metadata, whichever is less.
    [[nodiscard]] virtual unsigned free_percent() const { return 100; }

protected:
    Frozen() = default;
    Frozen(Frozen &&) = default;
    Frozen &operator=(Frozen &&) = default;

    std::vector<Tree> trees_;
    Census census_;
};

/// Asked for the path of what is mounted or nested below a source: whether nobody wants it.
using IsExcluded = std::function<bool(const std::string &path)>;

/// What is to be frozen. All outlive what is made from it.
struct Request {
    std::span<const std::string> sources; ///< absolute, normalised, and directories without a link on the way
    const std::string &run; ///< "INSTANCE:INVOCATION": the mark of everything that is made
    const std::string &scratch; ///< an empty directory on a private tmpfs, in a mount namespace of our own
    const Job &job;
    const StopRequest &stop;
    IsExcluded is_excluded{}; ///< none: nothing is
};

/// What a run has kept, and what is to be opened again. All outlive what is made from it.
struct Adoption {
    std::span<const KeptTree> trees; ///< of one method
    const std::string &run; ///< its mark, as in Request
    const std::string &scratch;
};
/// The snapshots are not where they were kept, though their file system is there: somebody has deleted them.
struct SnapshotGone : Failure {
    using Failure::Failure;
};
/// The file system that they lie on is not there now: not mounted, not imported, not plugged in.
struct FileSystemAbsent : Failure {
    using Failure::Failure;
};

/// A run that has left something.
struct Leftover {
    std::string instance;
    std::string run; ///< its invocation

    friend bool operator==(const Leftover &, const Leftover &) = default;
};
struct Reaped {
    std::vector<Leftover> removed;
    std::vector<std::string> stuck; ///< one sentence each: what stays, and why
    std::vector<std::string> foreign; ///< what lies among ours and is not ours: never touched
};
using IsOver = std::function<bool(const Leftover &)>;

/// One way of freezing file systems: a row of the table in choose.cpp.
struct Method {
    std::string_view name; ///< as the key `snapshot` has it

    /// What it sees there, when it can freeze `directory`, at `path` on `mount`: "subvolume 257 of a btrfs"; empty: it cannot.
    std::string (*sees)(const Fd &directory, const std::string &path, const Mount &mount);

    /// Freezes all sources of `request`, as far as it can at one instant. Throws Failure or std::system_error with the path and the remedy; what
    /// was made until then is gone again.
    std::unique_ptr<Frozen> (*freeze)(const Request &request);

    /// Deletes what runs that are over have left in the file systems that `paths` lie on (one that is not there or of another kind is skipped).
    /// `is_over` is asked once for each run. What cannot be deleted does not stop the rest.
    Reaped (*reap)(std::span<const std::string> paths, const std::string &scratch, const IsOver &is_over);

    /// The trees of a kept run, as they were when it froze them. They stay when the object goes, unless remove() was called. Throws SnapshotGone,
    /// FileSystemAbsent, and Failure for all else. None: what this method freezes cannot be kept.
    std::unique_ptr<Frozen> (*adopt)(const Adoption &adoption) = nullptr;
};

/// Throws Failure with all of these sentences, where there are any.
void refuse_to_stay(std::span<const std::string> sentences);

/// "INSTANCE:INVOCATION" apart; nothing where a name is not of that form.
[[nodiscard]] std::optional<Leftover> parse_run(std::string_view run);

} // namespace igotchuu
