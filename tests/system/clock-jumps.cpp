// SPDX-License-Identifier: MIT
// Preloaded into a run: its wall clock is off by the seconds that the file $CLOCK_FILE has, at each look at it. The machine's own clock is the host's.
#include "job/fd.hpp"

#include <fcntl.h>
#include <sys/syscall.h>

#include <array>
#include <cstdlib>
#include <ctime>

namespace
{

long seconds_off()
{
    const auto *path = std::getenv("CLOCK_FILE");
    const igotchuu::Fd file{path ? open(path, O_RDONLY | O_CLOEXEC) : -1};
    std::array<char, 32> text{};
    return file && read(file.get(), text.data(), text.size() - 1) > 0 ? std::strtol(text.data(), nullptr, 10) : 0;
}

} // namespace

extern "C" int clock_gettime(clockid_t clock, timespec *now) noexcept
{
    const auto result = static_cast<int>(syscall(SYS_clock_gettime, clock, now));
    if (result == 0 && clock == CLOCK_REALTIME)
        now->tv_sec += seconds_off();
    return result;
}
