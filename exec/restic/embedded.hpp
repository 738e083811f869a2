// SPDX-License-Identifier: MIT
#pragma once

#include "exec/stop.hpp"
#include "job/fd.hpp"
#include "job/job.hpp"

#include <string>

namespace igotchuu::restic
{

/// The first use of the embedded repository, by one process at a time: two jobs may start together on a new machine. Nobody ever sees half a
/// key or half a repository: both are made beside their places and put there whole, and neither is ever made a second time.
class FirstUse
{
public:
    /// Waits for another process's first use. Throws Cancelled, and std::system_error when the directory of the two is not there.
    FirstUse(const Repository &repository, const StopRequest &stop);

    /// A new random key (0600), when there is none yet. Throws Failure when there is a repository already: its key is lost, and a new one
    /// would not open it.
    void provide_key() const;

    /// Whether there is still nothing where the repository belongs.
    [[nodiscard]] bool needed() const;
    /// Where `restic init` may make it; what a killed one left there is gone.
    [[nodiscard]] std::string scratch() const;
    /// Puts what was made in scratch() where it belongs.
    void publish() const;

private:
    const Repository &repository_;
    std::string path_;
    Fd parent_; ///< holds the lock
};

/// FirstUse::provide_key(), but without a lock or a wait where there is a key.
void provide_key(const Repository &repository, const StopRequest &stop);

} // namespace igotchuu::restic
