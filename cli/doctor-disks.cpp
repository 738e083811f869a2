// SPDX-License-Identifier: MIT
#include "cli/doctor-disks.hpp"

#include <algorithm>
#include <filesystem>
#include <format>
#include <sys/sysmacros.h>
#include <system_error>

namespace igotchuu::doctor
{

namespace
{

namespace fs = std::filesystem;

void add(std::vector<std::string> &disks, const std::string &disk)
{
    if (!std::ranges::contains(disks, disk))
        disks.push_back(disk);
}

/// `device`: a directory of a block device below /sys.
void add_disks_below(std::vector<std::string> &disks, fs::path device)
{
    std::error_code none;
    device = fs::canonical(device, none);
    if (none)
        return;
    if (fs::exists(device / "partition", none))
        return add_disks_below(disks, device.parent_path());
    const auto before = disks.size();
    for (const auto &below : fs::directory_iterator{device / "slaves", none})
        add_disks_below(disks, below.path());
    if (disks.size() == before && fs::is_empty(device / "slaves", none))
        add(disks, device.filename());
}

} // namespace

std::vector<std::string> disks_of(const Mount &mount, const std::string &btrfs_id)
{
    std::vector<std::string> disks;
    std::error_code none;
    if (!btrfs_id.empty()) {
        for (const auto &device : fs::directory_iterator{"/sys/fs/btrfs/" + btrfs_id + "/devices", none})
            add_disks_below(disks, device.path());
        return disks;
    }
    const auto number = std::format("{}:{}", major(mount.device), minor(mount.device));
    add_disks_below(disks, "/sys/dev/block/" + number);
    if (!disks.empty())
        return disks;
    if (mount.type == "zfs")
        return {"zfs " + mount.source.substr(0, mount.source.find('/'))};
    return {std::format("{} {} ({})", mount.type, mount.source, number)};
}

} // namespace igotchuu::doctor
