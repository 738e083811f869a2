// SPDX-License-Identifier: MIT
#include "job/read-file.hpp"

#include "job/open-in-root.hpp"

#include <cerrno>
#include <fcntl.h>
#include <format>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace igotchuu
{

namespace
{

std::string because(int error, std::string_view what)
{
    return std::format("{}: {}", what, std::generic_category().message(error));
}

/// What keeps an open file from being a configuration file; empty: nothing.
std::string objection(const struct stat &status, bool callers_too)
{
    if (S_ISDIR(status.st_mode))
        return "is a directory; a file is needed";
    if (!S_ISREG(status.st_mode))
        return std::format("is {}; a regular file is needed", S_ISFIFO(status.st_mode) ? "a FIFO" : "a device");
    if (status.st_uid != 0 && !(callers_too && status.st_uid == geteuid()))
        return std::format("belongs to the user {}: what is in here is run as root, so only root may own it (chown root:root)",
                           status.st_uid);
    if (status.st_mode & (S_IWGRP | S_IWOTH))
        return std::format("is writable by others than its owner (mode {:04o}): what is in here is run as root (chmod go-w)",
                           status.st_mode & 07777);
    if (status.st_size > static_cast<off_t>(configuration_file_max))
        return std::format("has {} bytes; at most {} are allowed", status.st_size, configuration_file_max);
    return {};
}

} // namespace

std::expected<std::string, Diagnostic> read_configuration_file(const std::filesystem::path &root, const std::string &file)
{
    const auto refuse = [&](std::string why) { return std::unexpected{Diagnostic{file, 0, 0, std::move(why)}}; };
    const auto fd = open_in_root(root, file, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (!fd)
        return refuse(because(errno, "cannot be opened"));
    struct stat status;
    if (fstat(fd.get(), &status) < 0)
        return refuse(because(errno, "cannot be looked at"));
    if (auto why = objection(status, !root.empty()); !why.empty())
        return refuse(std::move(why));

    std::string text(static_cast<std::size_t>(status.st_size), '\0');
    for (std::size_t filled = 0; filled < text.size();) {
        const auto size = read(fd.get(), text.data() + filled, text.size() - filled);
        if (size < 0)
            return refuse(because(errno, "cannot be read"));
        if (size == 0)
            return refuse("became shorter while it was read");
        filled += static_cast<std::size_t>(size);
    }
    return text;
}

} // namespace igotchuu
