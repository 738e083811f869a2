// SPDX-License-Identifier: MIT
#include "exec/out-of-reach.hpp"

#include "exec/open-beneath.hpp"
#include "job/error.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace igotchuu
{

namespace fs = std::filesystem;

OutOfReach::OutOfReach()
{
    for (const auto *path : {"/run/dbus", "/run/docker.sock", "/run/containerd", "/run/podman", "/run/crio", "/run/libvirt"})
        hide(path);
    std::error_code none; // by hand on a machine that systemd does not run
    for (const auto &entry : fs::directory_iterator{"/run/systemd", none})
        if (entry.is_socket(none) && entry.path().filename() != "notify")
            hide(entry.path());
}

void OutOfReach::hide(const std::string &path)
{
    const Fd live = open_without_links(path, O_PATH);
    struct stat status{};
    if (!live)
        return; // it is not there
    if (fstat(live.get(), &status) < 0)
        fail(errno, "cannot look at {}", path);
    const Fd nothing = open_without_links("/dev/null", O_PATH);
    if (!nothing)
        fail(errno, "cannot open /dev/null");
    Fd tree = S_ISDIR(status.st_mode) ? new_directory_mount(0, 0, path) : copy_of_mount(nothing, Submounts::left_out, path);
    restrict_mount(tree, Programs::forbidden, path);
    attach(tree, live, path);
    mounts_.emplace_back(std::move(tree));
}

} // namespace igotchuu
