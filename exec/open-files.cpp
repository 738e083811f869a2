// SPDX-License-Identifier: MIT
#include "exec/open-files.hpp"

#include "job/error.hpp"

#include <cerrno>

namespace igotchuu
{

rlim_t raise_limit_of_open_files()
{
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        fail(errno, "cannot read the limit of open files");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
        fail(errno, "cannot raise the limit of open files");
    return limit.rlim_cur;
}

} // namespace igotchuu
