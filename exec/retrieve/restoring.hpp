// SPDX-License-Identifier: MIT
#pragma once

#include "exec/restic/start.hpp"
#include "exec/retrieve/plan.hpp"
#include "exec/retrieve/session.hpp"
#include "exec/retrieve/staging.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace igotchuu::retrieve
{

/// What restic complains of goes on: up to ten lines of it. No more comes when the disk is full.
class Complaints
{
public:
    void hear(const std::string &line);
    void hear(const restic::FileError &error);
    [[nodiscard]] bool is_full() const noexcept { return is_full_; }
    [[nodiscard]] const std::set<std::string> &incomplete() const noexcept { return incomplete_; }
    [[nodiscard]] const std::set<std::string> &unlike() const noexcept { return unlike_; }

private:
    std::uint64_t count_ = 0;
    bool is_full_ = false;
    std::set<std::string> incomplete_, unlike_; ///< as restic calls them, from the directory on that it restores
};

/// restic, that restores a part into a staging directory of its own. What it comes to is brought to its place by somebody else.
class Restoring
{
public:
    /// Starts it. The part's directory is there, and stays open. Throws Failure, Cancelled and std::system_error.
    Restoring(Session &session, Place &place, const std::string &snapshot, const Part &part, const Way &way);
    Restoring(const Restoring &) = delete;
    Restoring &operator=(const Restoring &) = delete;

    /// To its end. Throws where nothing of what has come is to get to its place; what the same restore could go on from stays then.
    restic::Ended wait();
    /// Why it did not succeed, for a person.
    [[nodiscard]] std::string explained(const restic::Ended &ended) const;
    /// Instead of that: ends it, and removes what has come.
    void give_up();

    [[nodiscard]] const Complaints &complaints() const noexcept { return complaints_; }
    [[nodiscard]] Staging &staging() noexcept { return staging_; }

private:
    [[nodiscard]] restic::Starter starter() const;
    [[nodiscard]] restic::Verb verb(const std::string &snapshot, const Part &part, const Way &way);
    void check_end(const restic::Ended &ended);

    Session &session_;
    Place &place_;
    Staging staging_;
    Fd patterns_;
    Complaints complaints_;
    restic::Listener listener_;
    std::optional<restic::Running> running_;
};

} // namespace igotchuu::retrieve
