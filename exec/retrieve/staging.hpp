// SPDX-License-Identifier: MIT
#pragma once

#include "exec/retrieve/way.hpp"
#include "job/fd.hpp"

#include <format>
#include <string>

namespace igotchuu::retrieve
{

/// A directory of root's, 0700, in the one that is restored into: restic restores to it, so that nobody can put anything in restic's way, and what is there already stays as it
/// is until its successor is complete. One that an earlier restore of the same snapshot has left is gone on with; but not for a person, in whose directory anybody may have
/// put it: for a person it has a new name, and is taken only when it is as it was made.
class Staging
{
public:
    /// `directory`, which is at `path`, has to be one where `way`'s person may make files. Throws Failure and std::system_error; what it has made is gone again then.
    Staging(const Fd &directory, const std::string &path, const std::string &snapshot, const Way &way);
    /// Whether an earlier restore of the snapshot has left one there.
    [[nodiscard]] static bool is_left(const Fd &directory, const std::string &snapshot);
    Staging(const Staging &) = delete;
    Staging &operator=(const Staging &) = delete;
    ~Staging(); ///< removes what nothing can go on from; where it cannot, it says where that is

    [[nodiscard]] const Fd &files() const noexcept { return files_; } ///< what restic has restored
    [[nodiscard]] int inherited() const noexcept { return outer_.get(); } ///< for restic, which has to have it for target()
    /// Not the descriptor's own name: restic takes that for a link that is in its way (0.18).
    [[nodiscard]] std::string target() const { return std::format("/proc/self/fd/{}/files", outer_.get()); }
    [[nodiscard]] bool is_resumable() const noexcept { return resumable_; } ///< by the same restore
    [[nodiscard]] const std::string &path() const noexcept { return path_; } ///< for people
    /// With all that is in it; at most once. Where nobody calls this, what can be gone on with stays. Throws Failure and std::system_error.
    void remove();

private:
    void prepare(bool is_new, const std::string &directory);
    [[nodiscard]] bool take_away() const noexcept;

    const Fd &directory_;
    bool resumable_, goes_with_this_ = !resumable_;
    std::string name_, path_;
    Fd outer_, files_;
};

} // namespace igotchuu::retrieve
