// SPDX-License-Identifier: MIT
#pragma once

#include "job/fd.hpp"
#include "job/state-files.hpp"

#include <sdbus-c++/sdbus-c++.h>

#include <chrono>
#include <memory>
#include <vector>

namespace igotchuu
{

/// Hears that what jobs do may have changed: by inotify(7) of the files of their state, for who may read them, and by the signals of systemd and igotchuud. Where a bus
/// is not there, or goes away, it does without.
class Changes
{
public:
    explicit Changes(const StateDirectories &where);

    /// Returns when there has been a change since the last call, when `stop` is readable, or at `latest`.
    void wait(int stop, std::chrono::steady_clock::time_point latest);

private:
    void listen();
    void hear();
    [[nodiscard]] bool take();

    Fd inotify_;
    std::unique_ptr<sdbus::IConnection> bus_;
    std::vector<sdbus::Slot> matches_; ///< of the bus: gone before it
    bool came_ = false;
};

} // namespace igotchuu
