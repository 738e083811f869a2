// SPDX-License-Identifier: MIT
#include "exec/snapshot/lvm-mount.hpp"

#include "exec/snapshot/device-mapper.hpp"
#include "job/error.hpp"

#include <sys/stat.h>

#include <format>
#include <string_view>
#include <utility>

namespace igotchuu::lvm
{
namespace
{

/// What the kernel needs to mount a snapshot beside its origin, and to leave it as it is. To take one, device mapper freezes the file system: what was
/// written is on the disk. ext4's journal is empty then; noload keeps a mount from looking for work in it all the same. xfs leaves one record in
/// its log, for files that are open and deleted, so that it would want a recovery, which a read-only device does not allow: norecovery loses nothing but
/// those.
std::string options_for(std::string_view type)
{
    std::string options = "ro,nosuid,nodev,noexec";
    if (type == "ext4" || type == "ext3")
        options += ",noload";
    if (type == "xfs")
        options += ",nouuid,norecovery";
    return options;
}

} // namespace

/// The node was looked up by its number, and could be another's by now.
PrivateMount mount_device(const std::string &type, dev_t device, const std::string &name, std::string place)
{
    PrivateMount mount{{.type = type, .source = node_of(device), .options = options_for(type), .what = "the snapshot " + name},
                       std::move(place)};
    struct stat status{};
    if (fstat(mount.root().get(), &status) < 0 || status.st_dev != device)
        throw Failure{std::format("{} is no longer the device of the snapshot {}: something changed in this very moment; try again",
                                  node_of(device), name)};
    return mount;
}

} // namespace igotchuu::lvm
