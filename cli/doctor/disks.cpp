// SPDX-License-Identifier: MIT
#include "cli/doctor/disks.hpp"

#include <algorithm>
#include <filesystem>
#include <format>
#include <sys/stat.h>
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
    bool lies_on_others = false;
    for (const auto &below : fs::directory_iterator{device / "slaves", none}) {
        lies_on_others = true;
        add_disks_below(disks, below.path());
    }
    if (!lies_on_others)
        add(disks, device.filename());
}

std::string numbers(dev_t device)
{
    return std::format("{}:{}", major(device), minor(device));
}

/// Of the devices of a btrfs the table of mounts names one, and all of them lie in one directory below /sys. Where /sys does not show that, as in containers, it is that one
/// alone.
std::vector<fs::path> devices_of_btrfs(const Mount &mount)
{
    struct stat status{};
    std::error_code none;
    if (stat(mount.source.c_str(), &status) < 0 || !S_ISBLK(status.st_mode))
        return {};
    const auto device = fs::canonical("/sys/dev/block/" + numbers(status.st_rdev), none);
    for (const auto &file_system : fs::directory_iterator{"/sys/fs/btrfs", none})
        if (fs::exists(file_system.path() / "devices" / device.filename(), none)) {
            const fs::directory_iterator all{file_system.path() / "devices", none};
            return {begin(all), end(all)};
        }
    return {device};
}

} // namespace

std::vector<std::string> disks_of(const Mount &mount)
{
    std::vector<std::string> disks;
    if (mount.type == "btrfs") {
        for (const auto &device : devices_of_btrfs(mount))
            add_disks_below(disks, device);
        return disks;
    }
    add_disks_below(disks, "/sys/dev/block/" + numbers(mount.device));
    if (!disks.empty())
        return disks;
    if (mount.type == "zfs")
        return {"zfs " + mount.source.substr(0, mount.source.find('/'))};
    return {std::format("{} {} ({})", mount.type, mount.source, numbers(mount.device))};
}

} // namespace igotchuu::doctor
