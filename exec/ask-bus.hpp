// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <systemd/sd-bus.h>
#include <vector>

namespace igotchuu
{

/// A method on the system bus whose arguments are texts.
struct BusCall {
    const char *destination, *path, *interface, *member;
    std::vector<std::string> arguments;
};

/// Calls it and hands the answer to `read`, which returns a negative errno when it is not what was expected. Throws std::system_error, "cannot WHAT: WHY", for
/// whatever goes wrong: no bus, nobody there, no answer within 3 s. sd-bus(3).
void ask_bus(const BusCall &call, const std::string &what, const std::function<int(sd_bus_message *)> &read);

} // namespace igotchuu
