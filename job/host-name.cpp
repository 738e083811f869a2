// SPDX-License-Identifier: MIT
#include "job/host-name.hpp"

#include "job/error.hpp"

#include <array>
#include <cerrno>
#include <climits>
#include <unistd.h>

namespace igotchuu
{

std::string host_name()
{
    std::array<char, HOST_NAME_MAX + 1> name{};
    if (gethostname(name.data(), name.size() - 1) < 0)
        fail(errno, "cannot get the name of this host");
    return name.data();
}

} // namespace igotchuu
