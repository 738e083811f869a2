// SPDX-License-Identifier: MIT
#pragma once

#include "exec/restic/start.hpp"
#include "exec/stop.hpp"
#include "job/fd.hpp"
#include "job/job.hpp"

#include <string>

namespace igotchuu::restic
{

/// The first use of the embedded repository, by one process at a time: two jobs may start together on a new machine. Nobody ever sees half a
/// key or half a repository: both are made beside their places and put there whole, the key first, and neither is ever made a second time: where
/// there is a key and no repository, it was lost, or its disk is not mounted.
class FirstUse
{
public:
    /// Waits for another process's first use. Throws Cancelled, and std::system_error when the directory of the two is not there.
    FirstUse(const Repository &repository, const StopRequest &stop);

    /// Whether there is nothing yet. What a process that was killed between key and repository had made is put in its place. Throws Failure when
    /// only one of the two is there.
    [[nodiscard]] bool needed() const;
    /// Where `restic init` may make it, with a new random key (0600); what a killed one left there is gone.
    [[nodiscard]] Repository scratch() const;
    /// Puts what was made in scratch() where it belongs.
    void publish() const;

private:
    void publish_repository() const;

    const Repository &repository_;
    std::string path_;
    Repository scratch_;
    Fd parent_; ///< holds the lock
};

/// Whether there is a key: a first use has come so far, at least.
[[nodiscard]] bool has_key(const Repository &repository);

/// Makes it, where there is nothing yet. Throws Failure and Cancelled.
void make_embedded(const Starter &starter, const Repository &repository, const std::string &instance);

} // namespace igotchuu::restic
