// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <deque>
#include <filesystem>
#include <map>
#include <string>

namespace igotchuu
{

/// What listeners have been told of each job, so that an igotchuud that is started anew in mid-run tells each of them the rest, and nothing twice: in
/// $RUNTIME_DIRECTORY/announced, which outlives the process (not in systemd's store of descriptors: that goes when the unit is not referred to).
class Announced
{
public:
    struct Told {
        std::string begun; ///< the run whose begin was told and whose end was not; empty: none
        std::deque<std::string> ended; ///< the last runs whose end was told, newest first: not each of them has a record

        [[nodiscard]] bool has_ended(const std::string &invocation_id) const { return std::ranges::contains(ended, invocation_id); }
    };

    /// Reads what the last process left. Throws std::system_error; Failure outside of a unit.
    Announced();

    [[nodiscard]] const std::map<std::string, Told> &jobs() const noexcept { return jobs_; } ///< by instance
    [[nodiscard]] const Told &of(const std::string &instance) const;

    /// Call these when it has been sent: killed in between, one of us tells it again. That it cannot be written is only logged: told it is.
    void began(const std::string &instance, const std::string &invocation_id);
    void ended(const std::string &instance, const std::string &invocation_id);

private:
    void write();

    std::filesystem::path file_;
    std::map<std::string, Told> jobs_;
    bool writable_ = true; ///< the last time
};

} // namespace igotchuu
