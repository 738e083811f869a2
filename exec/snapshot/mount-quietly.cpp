// SPDX-License-Identifier: MIT
#include "exec/snapshot/mount-quietly.hpp"

#include "job/error.hpp"

#include <fcntl.h>
#include <libmount.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

namespace igotchuu
{
namespace
{

/// The current directory, for as long as this object lives: the only way to give libmount a directory that is held by descriptor.
class WorkingDirectory
{
public:
    explicit WorkingDirectory(const Fd &directory, const std::string &path) : before_{open(".", O_PATH | O_DIRECTORY | O_CLOEXEC)}
    {
        if (!before_ || fchdir(directory.get()) < 0)
            fail(errno, "cannot go to {}", path);
    }
    ~WorkingDirectory()
    {
        if (fchdir(before_.get()) < 0) // it was there when we left it, and it is held open
            std::abort();
    }
    WorkingDirectory(const WorkingDirectory &) = delete;
    WorkingDirectory &operator=(const WorkingDirectory &) = delete;

private:
    Fd before_;
};

void mount_here(const Mounting &mounting)
{
    const std::unique_ptr<libmnt_context, decltype(&mnt_free_context)> context{mnt_new_context(), mnt_free_context};
    if (!context)
        fail(ENOMEM, "cannot mount {}", mounting.what);
    mnt_context_disable_helpers(context.get(), 1);
    mnt_context_disable_mtab(context.get(), 1);
    mnt_context_disable_canonicalize(context.get(), 1); // else it looks for the path of "." and mounts on that
    mnt_context_set_fstype(context.get(), mounting.type.c_str());
    mnt_context_set_source(context.get(), mounting.source.c_str());
    mnt_context_set_target(context.get(), ".");
    mnt_context_set_options(context.get(), mounting.options.c_str());
    const int status = mnt_context_mount(context.get());
    if (status == 0)
        return;
    const int error = mnt_context_syscall_called(context.get()) ? mnt_context_get_syscall_errno(context.get()) : -status;
    fail(error, "cannot mount {}{}", mounting.what,
         error == EPERM ? " (no CAP_SYS_ADMIN: run it as root, or with systemctl start igotchuu@NAME)" : "");
}

} // namespace

void mount_quietly(const Mounting &mounting, const Fd &target, const std::string &path)
{
    const WorkingDirectory here{target, path};
    mount_here(mounting);
}

} // namespace igotchuu
