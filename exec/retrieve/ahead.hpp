// SPDX-License-Identifier: MIT
#pragma once

#include "exec/retrieve/order.hpp"
#include "exec/retrieve/restoring.hpp"

#include <memory>
#include <string>

namespace igotchuu::retrieve
{

/// A restore that begins while restic still lists what there is to restore: each start of restic takes most of a second to derive the key, and so the two do that at once. It
/// begins only where the person has confirmed whatever the plan is, and where it is known what will come: the paths are not here, and the snapshot is the one that this machine
/// has made last. Until the plan has come to the same nothing leaves the staging directory, which goes with this object.
class Ahead
{
public:
    /// An earlier restore that can be gone on with is let be. What is wrong is for the plan to say. Throws Cancelled.
    Ahead(Session &session, const json &request, const Order &order, const Way &way);
    ~Ahead();
    Ahead(const Ahead &) = delete;
    Ahead &operator=(const Ahead &) = delete;

    /// Whether it restores what the plan says; then the plan's space is that before it began, and it is there to be taken. Else it ends.
    [[nodiscard]] bool serves(const Session::Found &found, Plan &plan);
    /// Once; this object stays until that is over.
    [[nodiscard]] std::unique_ptr<Restoring> take() noexcept { return std::move(restoring_); }

private:
    [[nodiscard]] bool plans(const Order &order);
    void end() noexcept;

    Wanted root_; ///< the paths, of which nothing more is known
    Plan plan_;
    std::string snapshot_; ///< empty: it is not known which one is the newest
    std::unique_ptr<Restoring> restoring_;
};

} // namespace igotchuu::retrieve
