// SPDX-License-Identifier: MIT
#pragma once

#include "job/fd.hpp"

namespace igotchuu
{

/// SIGINT and SIGTERM, taken by a signalfd for the whole process from the first line of a run: no handler, no race. Whom one of them meets before
/// has made nothing yet, and dies of it.
/// SIGHUP stops as well, unless the caller ignores it. signalfd(2).
class StopRequest
{
public:
    StopRequest(); ///< blocks the signals; once in a process
    /// Nobody can ask: for what is undone after somebody has. eventfd(2).
    [[nodiscard]] static StopRequest never();
    /// For poll(2): readable once somebody has asked. Stays readable.
    [[nodiscard]] int fd() const noexcept { return fd_.get(); }
    [[nodiscard]] bool asked() const;
    void check() const; ///< throws Cancelled when asked()

private:
    explicit StopRequest(Fd fd) : fd_{std::move(fd)} {}
    Fd fd_;
};

} // namespace igotchuu
