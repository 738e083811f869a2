// SPDX-License-Identifier: MIT
#include "exec/inhibit.hpp"

#include "exec/ask-bus.hpp"

#include <fcntl.h>

#include <cerrno>
#include <system_error>

namespace igotchuu
{

Inhibitor::Inhibitor(const std::string &why)
{
    const auto take = [&](sd_bus_message *message) {
        int borrowed = -1;
        if (const int error = sd_bus_message_read(message, "h", &borrowed); error < 0)
            return error;
        fd_ = Fd{::fcntl(borrowed, F_DUPFD_CLOEXEC, 3)};
        return fd_ ? 0 : -errno;
    };
    try {
        ask_bus({"org.freedesktop.login1",
                 "/org/freedesktop/login1",
                 "org.freedesktop.login1.Manager",
                 "Inhibit",
                 {"sleep:handle-lid-switch", "igotchuu", why, "block"}},
                "ask logind to keep the machine awake", take);
    } catch (const std::system_error &error) {
        why_not_ = error.what();
    }
}

} // namespace igotchuu
