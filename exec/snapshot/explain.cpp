// SPDX-License-Identifier: MIT
#include "exec/snapshot/explain.hpp"

#include "job/mount-table.hpp"

#include <fcntl.h>

#include <cerrno>
#include <format>
#include <system_error>

namespace igotchuu::btrfs
{
namespace
{

/// The active swap file on that subvolume; empty when it is not seen from here.
std::string swap_file_on(const std::array<std::uint8_t, 16> &wanted, std::uint64_t id)
{
    for (const auto &path : active_swap_files()) {
        const Fd file{open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
        if (file && on_btrfs(file, path) && file_system(file, path).id == wanted && subvolume_id(file, path) == id)
            return path;
    }
    return {};
}

} // namespace

std::string explain(int error, const std::array<std::uint8_t, 16> &file_system, std::uint64_t id, const std::string &device)
{
    switch (error) {
    case ETXTBSY: {
        const auto swap = swap_file_on(file_system, id);
        return std::format(
            "it holds {}, and btrfs takes no snapshot of a subvolume with one: move the swap file to a subvolume of its own "
            "that is not below a source, or that \"exclude\" names, or run: swapoff {}",
            swap.empty() ? "an active swap file (see /proc/swaps)" : "the active swap file " + swap, swap.empty() ? "FILE" : swap);
    }
    case EROFS:
        return std::format("the btrfs on {} is read-only; see: journalctl -k -g btrfs", device);
    case ENOSPC:
        return std::format("no space is left on the btrfs on {}; see: btrfs filesystem usage MOUNTPOINT", device);
    case EDQUOT:
        return std::format("a quota on the btrfs on {} is full; see: btrfs qgroup show MOUNTPOINT", device);
    case EPERM:
        return "not permitted; it needs CAP_SYS_ADMIN and CAP_FOWNER: run it as root, or with systemctl start igotchuu@NAME";
    default:
        return std::generic_category().message(error);
    }
}

} // namespace igotchuu::btrfs
