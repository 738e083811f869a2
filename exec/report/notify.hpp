// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace igotchuu
{

/// STATUS= for systemctl status, when systemd listens ($NOTIFY_SOCKET); `text` is one line. Throws std::system_error. sd_notify(3).
void notify_status(std::string_view text);

} // namespace igotchuu
