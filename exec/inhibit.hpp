// SPDX-License-Identifier: MIT
#pragma once

#include "job/fd.hpp"

#include <string>

namespace igotchuu
{

/// Keeps the machine awake, lid closed or not, as long as this object is there. Whatever is wrong with logind or the bus costs at most three
/// seconds, and the run goes on without: see why_not(). https://www.freedesktop.org/wiki/Software/systemd/inhibit/
class Inhibitor
{
public:
    explicit Inhibitor(const std::string &why); ///< `why` is shown to the person who wants to sleep
    [[nodiscard]] bool held() const noexcept { return static_cast<bool>(fd_); }
    [[nodiscard]] const std::string &why_not() const noexcept { return why_not_; } ///< one line; empty when held()

private:
    Fd fd_; ///< logind's lock: held until it is closed
    std::string why_not_;
};

} // namespace igotchuu
