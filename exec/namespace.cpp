// SPDX-License-Identifier: MIT
#include "exec/namespace.hpp"

#include "job/error.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <systemd/sd-login.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <unistd.h>

namespace igotchuu
{
namespace
{

/// Whether this process is in a unit of ours, whose PrivateMounts= gave it a namespace: also where a filter of that unit forbids to make one.
bool in_own_unit()
{
    char *name = nullptr;
    if (sd_pid_get_unit(0, &name) < 0)
        return false;
    const std::unique_ptr<char, decltype(&free)> unit{name, free};
    const std::string_view text{unit.get()};
    const bool is_ours = text.starts_with("igotchuu@") || text.starts_with("igotchuu-send@");
    if (!is_ours || !text.ends_with(".service"))
        return false;
    // Where PID 1 can be looked at, make sure. Where not, the unit has a sandbox, and so a namespace.
    std::array<char, PATH_MAX> own{}, first{};
    const auto own_size = readlink("/proc/self/ns/mnt", own.data(), own.size());
    const auto first_size = readlink("/proc/1/ns/mnt", first.data(), first.size());
    return own_size > 0 && !(own_size == first_size && own == first);
}

} // namespace

void enter_private_namespace()
{
    if (unshare(CLONE_NEWNS) < 0) {
        const int error = errno;
        if (error != EPERM || !in_own_unit())
            fail(error,
                 "cannot make a mount namespace (it needs CAP_SYS_ADMIN: run it as root, or with systemctl start igotchuu@NAME)");
    }
    if (mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) < 0)
        fail(
            errno,
            "cannot keep our mounts from the host (it needs CAP_SYS_ADMIN: run it as root, or with systemctl start igotchuu@NAME)");
}

Scratch::Scratch() : path_{"/run/igotchuu/scratch"}
{
    if (mount("igotchuu", path_.c_str(), "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700,size=2m") < 0)
        fail(errno, "cannot mount a tmpfs on {}{}", path_, errno == ENOENT ? " (systemd-tmpfiles --create makes it)" : "");
    if (mount(nullptr, path_.c_str(), nullptr, MS_PRIVATE, nullptr) < 0) {
        const int error = errno;
        umount2(path_.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
        fail(error, "cannot make {} private", path_);
    }
}

Scratch::~Scratch()
{
    umount2(path_.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
}

} // namespace igotchuu
