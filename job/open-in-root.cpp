// SPDX-License-Identifier: MIT
#include "job/open-in-root.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace igotchuu
{

Fd open_in_root(const std::filesystem::path &root, const std::filesystem::path &path, int flags)
{
    if (root.empty())
        return Fd{open(path.c_str(), flags | O_CLOEXEC)};
    const Fd top{open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (!top)
        return {};
    open_how how{};
    how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
    how.resolve = RESOLVE_IN_ROOT;
    return Fd{static_cast<int>(syscall(SYS_openat2, top.get(), path.c_str(), &how, sizeof how))}; // glibc 2.41 has no wrapper
}

} // namespace igotchuu
