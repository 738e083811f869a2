// SPDX-License-Identifier: MIT
#include "exec/restic/fusermount.hpp"

#include "job/error.hpp"
#include "job/exit-status.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <format>
#include <sys/socket.h>

namespace igotchuu::restic
{

namespace
{

constexpr const char *ours = "IGOTCHUU_FUSE", *of_the_socket = "_FUSE_COMMFD";

int descriptor_in(const char *variable)
{
    const std::string_view value = std::getenv(variable) == nullptr ? "" : std::getenv(variable);
    int descriptor = -1;
    if (std::from_chars(value.data(), value.data() + value.size(), descriptor).ec != std::errc{})
        throw Failure{std::format("{} names no descriptor: restic mount works by igotchuu mount here", variable)};
    return descriptor;
}

/// unix(7), SCM_RIGHTS: with one byte, since nothing is sent alone.
void send(int descriptor, int socket)
{
    char byte = 0;
    iovec data{&byte, sizeof byte};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof descriptor)> rights{};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = rights.data();
    message.msg_controllen = rights.size();
    auto *const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof descriptor);
    std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    if (sendmsg(socket, &message, MSG_NOSIGNAL) < 0)
        fail(errno, "cannot hand over the file system");
}

} // namespace

Fd new_fuse_connection(const Fd &root)
{
    const Fd opened{openat(root.get(), "dev/fuse", O_RDWR | O_CLOEXEC)};
    if (!opened && (errno == ENOENT || errno == ENODEV || errno == ENXIO))
        throw Failure{"cannot mount: this kernel has no FUSE (modprobe fuse; of a container the host has to give it /dev/fuse)"};
    Fd connection{opened ? fcntl(opened.get(), F_DUPFD_CLOEXEC, 10) : -1}; // the small numbers of its children are restic's own
    if (!connection)
        fail(errno, "cannot open /dev/fuse");
    return connection;
}

std::string variable_of(const Fd &connection)
{
    return std::format("{}={}", ours, connection.get());
}

bool is_fusermount(std::string_view program)
{
    return program.substr(program.rfind('/') + 1).starts_with("fusermount");
}

int be_fusermount(std::span<const std::string> arguments)
{
    const bool unmounts = std::ranges::contains(arguments, "-u"); // who has mounted it does that
    if (!unmounts)
        send(descriptor_in(ours), descriptor_in(of_the_socket));
    return static_cast<int>(ExitStatus::success);
}

} // namespace igotchuu::restic
