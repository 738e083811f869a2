// SPDX-License-Identifier: MIT
#pragma once

#include "exec/snapshot/method.hpp"
#include "job/mount-table.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu
{

namespace none
{
class Live;
}

/// By which method a source was frozen, and why by this one.
struct Choice {
    std::string source;
    std::string_view method;
    std::string why; ///< "subvolume 257 of a btrfs"
};

/// All sources of a job, each frozen as its file system can: what the run works with, whatever the methods are.
class Snapshots
{
public:
    /// Throws Failure, naming every source that the job's method cannot freeze, with the remedy; as the methods do. What was made until then is
    /// gone again.
    explicit Snapshots(const Request &request);
    ~Snapshots();
    Snapshots(const Snapshots &) = delete;
    Snapshots &operator=(const Snapshots &) = delete;

    [[nodiscard]] std::span<const Choice> choices() const noexcept { return choices_; }
    [[nodiscard]] std::vector<const Tree *> trees() const; ///< of each source: parents before children
    [[nodiscard]] const Census &census() const noexcept { return census_; } ///< of all methods together

    /// Where something is mounted below a source and is not in the backup: an empty directory there.
    [[nodiscard]] const std::vector<std::string> &other_file_systems() const noexcept { return other_file_systems_; }
    /// The same, but what is there is gone at the next boot in any case.
    [[nodiscard]] const std::vector<std::string> &in_memory() const noexcept { return in_memory_; }
    /// What the job wants below the sources as it is, where nothing is mounted, so that it is not there.
    [[nodiscard]] const std::vector<std::string> &not_mounted() const noexcept { return not_mounted_; }
    /// What is backed up as it is at the moment when restic comes to it: sources, and mount points below them that the job asks for.
    [[nodiscard]] const std::vector<std::string> &live() const noexcept { return live_; }

    /// The kept ones of an earlier run, all that it froze. Throws SnapshotGone when a part of them is gone, Failure.
    Snapshots(const KeptInstant &kept, const std::string &mark, const std::string &scratch);

    [[nodiscard]] std::string short_of_space() const; ///< as Frozen's
    [[nodiscard]] unsigned free_percent() const;
    [[nodiscard]] std::string version() const; ///< of all methods together; empty as soon as anything is live
    void hide();
    void remove();

    /// What is written down before keep(); nothing where a tree cannot be kept: it is live, or its method keeps none.
    [[nodiscard]] std::vector<KeptTree> keepable() const;
    void keep();

private:
    void choose(const Request &request, const MountTable &mounts);
    void look_below(const Request &request, const MountTable &mounts);
    [[nodiscard]] bool is_prepared(const std::string &source) const;
    void look_for_live(const Request &request, const MountTable &mounts);
    bool is_in(const Request &request, const std::string &source, const MountTable::Other &other, none::Live &live);
    [[nodiscard]] bool shows(const std::string &source, const std::string &path) const;

    std::vector<Choice> choices_;
    std::vector<std::unique_ptr<Frozen>> frozen_;
    Census census_;
    std::vector<std::string> other_file_systems_, in_memory_, not_mounted_, live_;
};

/// Deletes what runs that are over have left, by whatever method.
[[nodiscard]] Reaped reap(std::span<const std::string> paths, const std::string &scratch, const IsOver &is_over);

} // namespace igotchuu
