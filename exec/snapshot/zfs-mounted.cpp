// SPDX-License-Identifier: MIT
#include "exec/snapshot/zfs-mounted.hpp"

#include "exec/open-beneath.hpp"
#include "exec/snapshot/zfs-list.hpp"

#include <fcntl.h>
#include <sys/vfs.h>

#include <algorithm>
#include <format>
#include <utility>

namespace igotchuu::zfs
{
namespace
{

struct Space {
    std::uint64_t all, free; ///< bytes
};

/// zfs says of a snapshot what its dataset may still have, quotas and the pool counted. One that cannot be asked is not short of it.
Space space_of(const Fd &root)
{
    struct statfs status{};
    if (fstatfs(root.get(), &status) < 0)
        return {0, ~std::uint64_t{0}};
    const auto block = static_cast<std::uint64_t>(status.f_bsize);
    return {status.f_blocks * block, status.f_bavail * block};
}

} // namespace

void Mounted::add(const std::string &snapshot, const std::string &scratch)
{
    constexpr std::uint64_t gibibyte = std::uint64_t{1} << 30U;
    if (all_.contains(snapshot))
        return;
    PrivateMount mount{{.type = "zfs", .source = snapshot, .options = "ro,nosuid,nodev,noexec", .what = "the snapshot " + snapshot},
                       std::format("{}/zfs-{}", scratch, all_.size())};
    const auto space = space_of(mount.root());
    all_.emplace(snapshot, One{std::move(mount), std::min({space.all / 100, gibibyte, space.free / 2})});
}

Fd Mounted::open(const std::string &snapshot, std::string_view inside) const
{
    return open_beneath(all_.at(snapshot).mount.root(), inside, O_PATH | O_DIRECTORY);
}

void Mounted::hide()
{
    for (auto &[snapshot, one] : all_)
        one.mount.hide();
}

std::string Mounted::short_of_space() const
{
    for (const auto &[snapshot, one] : all_)
        if (space_of(one.mount.root()).free < one.least_space)
            return std::format(
                "the dataset {} is running out of space, and the snapshot holds what is deleted in it: see zfs list -o space "
                "and zpool list",
                dataset_of(snapshot));
    return {};
}

unsigned Mounted::free_percent() const
{
    unsigned least = 100;
    for (const auto &[snapshot, one] : all_) {
        const auto space = space_of(one.mount.root());
        if (space.all > 0)
            least = std::min(least, static_cast<unsigned>(std::min(space.free, space.all) * 100 / space.all));
    }
    return least;
}

} // namespace igotchuu::zfs
