// SPDX-License-Identifier: MIT
#pragma once

#include "exec/restic/lock-file.hpp"
#include "job/state.hpp"

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <utility>

namespace igotchuu::restic
{

/// Each restic that igotchuu starts and that may leave a lock, put down in a file until it has ended well. A lock says by host name and process number alone whose it is, and
/// another machine may have the same of both; but it has not these files, and no boot has those of another.
class OwnProcesses
{
public:
    explicit OwnProcesses(std::filesystem::path directory = "/run/igotchuu/lock") : directory_{std::move(directory)} {}

    /// `began`: at the latest; `repository`: digest_of_address(). Where it cannot be put down (by hand, and not as root) its lock is as a stranger's.
    void started(pid_t process, const std::string &repository, Clock::time_point began) const noexcept;
    /// And has taken its lock away.
    void ended_well(pid_t process) const noexcept;
    /// Puts down of the others that are gone by now that they have ended, and forgets those whose locks are stale.
    void look_around(Clock::time_point now) const noexcept;

    /// Whether one of them, which is gone, made this lock in that repository.
    [[nodiscard]] bool have_left(const LockFile &lock, const std::string &repository) const noexcept;

private:
    [[nodiscard]] std::filesystem::path file_of(pid_t process) const;

    std::filesystem::path directory_;
};

} // namespace igotchuu::restic
