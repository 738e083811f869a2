// SPDX-License-Identifier: MIT
#pragma once

#include "job/fd.hpp"

#include <map>
#include <string>

namespace igotchuu
{

/// What listeners have been told of each job, so that an igotchuud that is started anew in mid-run tells each of them the rest, and nothing
/// twice. It lies in memory that systemd keeps for us: sd_pid_notify_with_fds(3), FDSTORE=1.
class Announced
{
public:
    struct Told {
        std::string begun; ///< the run whose begin was told and whose end was not; empty: none
        std::string ended; ///< the last run whose end was told
    };

    /// Takes what systemd kept of the last process ($LISTEN_FDS), or begins anew. Throws std::system_error.
    Announced();

    [[nodiscard]] const std::map<std::string, Told> &jobs() const noexcept { return jobs_; } ///< by instance
    [[nodiscard]] const Told &of(const std::string &instance) const;

    /// Call these when it has been sent: killed in between, one of us tells it again.
    void began(const std::string &instance, const std::string &invocation_id);
    void ended(const std::string &instance, const std::string &invocation_id);

private:
    void read();
    void write() const;

    Fd memory_;
    std::map<std::string, Told> jobs_;
};

} // namespace igotchuu
