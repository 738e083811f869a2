// SPDX-License-Identifier: MIT
#include "exec/lock.hpp"

#include "job/error.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>

#include <cerrno>

namespace igotchuu
{

std::optional<Lock> Lock::try_take(std::string_view name, LockKind kind)
{
    if (name.empty() || name == "." || name == ".." || name.contains('/') || name.contains('\0'))
        fail(EINVAL, "cannot lock \"{}\"", name);
    const auto path = std::format("/run/igotchuu/lock/{}", name);
    // The file stays: to unlink it would let two runs hold locks on two files of one name.
    Fd file{open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!file)
        fail(errno, "cannot open the lock {}{}", path, errno == ENOENT ? " (systemd-tmpfiles --create makes its directory)" : "");
    if (flock(file.get(), (kind == LockKind::exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0)
        return Lock{std::move(file)};
    if (errno == EWOULDBLOCK)
        return std::nullopt;
    fail(errno, "cannot lock {}", path);
}

Lock Lock::take(std::string_view name, LockKind kind, const std::string &otherwise)
{
    auto lock = try_take(name, kind);
    if (!lock)
        throw NotNow{otherwise};
    return std::move(*lock);
}

Lock Lock::wait_for(std::string_view name, LockKind kind, const StopRequest &stop)
{
    for (;;) {
        if (auto lock = try_take(name, kind))
            return std::move(*lock);
        pollfd polled{stop.fd(), POLLIN, 0}; // a lock that blocks would not hear a stop: its signals are blocked
        poll(&polled, 1, 50);
        stop.check();
    }
}

/// "+": no job has such a name, while one may well be called repository-nas.
std::string lock_of(const Repository &repository)
{
    return '+' + repository.name;
}

} // namespace igotchuu
