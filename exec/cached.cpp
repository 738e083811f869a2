// SPDX-License-Identifier: MIT
#include "exec/cached.hpp"

#include "job/fd.hpp"

#include <cstdio>
#include <fcntl.h>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

namespace igotchuu
{

namespace
{

constexpr off_t size_max = off_t{16} * 1024 * 1024;

} // namespace

std::optional<std::string> read_cached(const std::string &cache, const std::string &directory, const std::string &name)
{
    const auto path = cache + '/' + directory + '/' + name;
    const Fd file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    struct stat status{};
    if (!file || fstat(file.get(), &status) < 0 || !S_ISREG(status.st_mode) || status.st_uid != geteuid() ||
        (status.st_mode & (S_IWGRP | S_IWOTH)) != 0 || status.st_size > size_max)
        return {};
    std::string text(static_cast<std::size_t>(status.st_size), '\0');
    if (read(file.get(), text.data(), text.size()) != std::ssize(text))
        return {};
    return text;
}

/// Under one name, so that the next to write takes away what a killed one has left there.
void write_cached(const std::string &cache, const std::string &directory, const std::string &name, std::string_view text)
{
    const auto into = cache + '/' + directory, path = into + '/' + name, half = path + ".new";
    mkdir(cache.c_str(), 0700);
    mkdir(into.c_str(), 0700);
    unlink(half.c_str());
    const Fd file{open(half.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!file)
        return;
    if (::write(file.get(), text.data(), text.size()) != std::ssize(text) || rename(half.c_str(), path.c_str()) < 0)
        unlink(half.c_str());
}

} // namespace igotchuu
