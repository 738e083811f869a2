// SPDX-License-Identifier: MIT
#include "exec/invocation.hpp"

#include "job/error.hpp"

#include <array>
#include <cstdlib>
#include <string>
#include <systemd/sd-id128.h>
#include <unistd.h>

namespace igotchuu
{

namespace
{

std::string made(int (*make)(sd_id128_t *))
{
    sd_id128_t id;
    if (const int result = make(&id); result < 0)
        fail(-result, "cannot make an id for this run");
    std::array<char, SD_ID128_STRING_MAX> text{};
    return sd_id128_to_string(id, text.data());
}

} // namespace

std::string invocation()
{
    return made(by_hand() ? sd_id128_randomize : sd_id128_get_invocation);
}

bool by_hand()
{
    const auto *service_process = std::getenv("SYSTEMD_EXEC_PID");
    return service_process == nullptr || std::to_string(getpid()) != service_process;
}

std::string new_id()
{
    return made(sd_id128_randomize);
}

} // namespace igotchuu
