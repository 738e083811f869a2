// SPDX-License-Identifier: MIT
#include "exec/retrieve/callers-namespace.hpp"

#include "job/error.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sched.h>

namespace igotchuu::retrieve
{

namespace
{

Fd opened(const char *path, int flags)
{
    Fd file{open(path, flags | O_CLOEXEC)};
    if (!file)
        fail(errno, "cannot open {}", path);
    return file;
}

Fd namespace_of_this_process()
{
    return opened("/proc/self/ns/mnt", O_RDONLY);
}

} // namespace

CallersNamespace::CallersNamespace() : namespace_{namespace_of_this_process()}, root_{opened("/", O_PATH | O_DIRECTORY)} {}

CallersNamespace::Visit::Visit(const CallersNamespace &to) : own_{namespace_of_this_process()}
{
    if (setns(to.namespace_.get(), CLONE_NEWNS) < 0)
        fail(errno, "cannot get to the mounts of whoever has started us");
}

CallersNamespace::Visit::~Visit()
{
    setns(own_.get(), CLONE_NEWNS);
}

} // namespace igotchuu::retrieve
