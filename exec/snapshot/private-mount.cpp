// SPDX-License-Identifier: MIT
#include "exec/snapshot/private-mount.hpp"

#include "job/error.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace igotchuu
{

PrivateMount::PrivateMount(const Mounting &mounting, std::string place) : place_{std::move(place)}
{
    constexpr int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    if (mkdir(place_.c_str(), 0700) < 0 && errno != EEXIST)
        fail(errno, "cannot make {}", place_);
    const Fd target{open(place_.c_str(), flags)};
    if (!target)
        fail(errno, "cannot open {}", place_);
    mount_quietly(mounting, target, place_);
    mounted_ = true;
    root_ = Fd{open(place_.c_str(), flags)};
    if (root_)
        return;
    const int error = errno;
    static_cast<void>(take_off());
    fail(error, "cannot open {}", place_);
}

PrivateMount::PrivateMount(PrivateMount &&other) noexcept
    : place_{std::move(other.place_)}, mounted_{std::exchange(other.mounted_, false)}, root_{std::move(other.root_)}
{
}

PrivateMount::~PrivateMount()
{
    static_cast<void>(take_off());
}

void PrivateMount::hide()
{
    if (const int error = take_off(); error != 0)
        fail(error, "cannot unmount a snapshot from {}", place_);
}

int PrivateMount::take_off() noexcept
{
    if (mounted_ && umount2(place_.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) < 0)
        return errno;
    if (std::exchange(mounted_, false) && rmdir(place_.c_str()) < 0)
        return errno;
    return 0;
}

} // namespace igotchuu
