// SPDX-License-Identifier: MIT
#include "exec/few-devices.hpp"

#include "exec/open-beneath.hpp"
#include "job/error.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <string>

namespace igotchuu
{
namespace
{

constexpr std::array names{"null", "zero", "full", "random", "urandom"};

/// The node itself, mounted on an empty file: to make one takes CAP_MKNOD.
void show(const Fd &live, const Fd &directory, const char *name)
{
    const auto path = std::string{"/dev/"} + name;
    const Fd node = open_step(live, name, O_PATH);
    if (!node)
        fail(errno, "cannot open {}", path);
    if (mknodat(directory.get(), name, S_IFREG | 0600, 0) < 0)
        fail(errno, "cannot make a place for {}", path);
    attach(copy_of_mount(node, Submounts::left_out, path), open_step(directory, name, O_PATH), path);
}

} // namespace

FewDevices::FewDevices()
{
    const Fd live = open_without_links("/dev", O_PATH | O_DIRECTORY);
    if (!live)
        fail(errno, "cannot open /dev");
    Fd directory = new_directory_mount(0, 0, "/dev");
    attach(directory, live, "/dev");
    directory_ = AttachedMount{std::move(directory)};
    for (const auto *name : names)
        show(live, directory_.root(), name);
    restrict_mount(directory_.root(), Programs::forbidden, "/dev"); // not its nodes: they are mounts of their own
}

} // namespace igotchuu
