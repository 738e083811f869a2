// SPDX-License-Identifier: MIT
#pragma once

#include "job/fd.hpp"

namespace igotchuu
{

/// SIGINT, SIGTERM and SIGHUP, by a signalfd: nobody dies of one while a key is on the screen and not yet kept, or while the terminal does not echo.
class StopSignals
{
public:
    StopSignals(); ///< blocks them; once in a process
    [[nodiscard]] int fd() const noexcept { return fd_.get(); } ///< readable once one has come; stays readable
    [[nodiscard]] bool came() const;

private:
    Fd fd_;
};

} // namespace igotchuu
