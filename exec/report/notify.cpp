// SPDX-License-Identifier: MIT
#include "exec/report/notify.hpp"

#include "job/error.hpp"

#include <systemd/sd-daemon.h>

namespace igotchuu
{

void notify_status(std::string_view text)
{
    if (const int result = sd_notify(0, std::format("STATUS={}", text).c_str()); result < 0) // 0: nobody listens
        fail(-result, "cannot tell systemd the status");
}

} // namespace igotchuu
