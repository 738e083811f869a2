// SPDX-License-Identifier: MIT
#include "exec/same-file.hpp"

#include "job/diagnostic.hpp"
#include "job/error.hpp"

#include <cerrno>
#include <cstddef>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace igotchuu
{

namespace
{

constexpr std::size_t block = std::size_t{128} * 1024;

struct stat status_of(const Fd &file, const std::string &path)
{
    struct stat status{};
    if (fstat(file.get(), &status) < 0)
        fail(errno, "cannot look at {}", printable(path));
    return status;
}

/// The next bytes, as many as there are up to the size of `buffer`.
std::string_view next(const Fd &file, std::string &buffer, const std::string &path)
{
    std::size_t filled = 0;
    while (filled < buffer.size()) {
        const auto got = read(file.get(), buffer.data() + filled, buffer.size() - filled);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            fail(errno, "cannot read {}", printable(path));
        if (got == 0)
            break;
        filled += static_cast<std::size_t>(got);
    }
    return std::string_view{buffer}.substr(0, filled);
}

bool has_same_contents(const Fd &original, const Fd &restored, const std::string &path)
{
    std::string here(block, '\0'), there(block, '\0');
    for (;;) {
        const auto one = next(original, here, path), other = next(restored, there, path);
        if (one != other)
            return false;
        if (one.empty())
            return true;
    }
}

} // namespace

std::string difference(const Fd &original, const Fd &restored, const std::string &path)
{
    const auto one = status_of(original, path), other = status_of(restored, path);
    if (one.st_size != other.st_size)
        return "size";
    if (!has_same_contents(original, restored, path))
        return "contents";
    const bool may_be_set = (one.st_mode & (S_ISUID | S_ISGID)) == 0; // else the sandbox refuses all of it (RestrictSUIDSGID=)
    if (may_be_set && (one.st_mode & 0777) != (other.st_mode & 0777))
        return "mode";
    if (one.st_mtim.tv_sec != other.st_mtim.tv_sec || one.st_mtim.tv_nsec != other.st_mtim.tv_nsec)
        return "time of modification";
    return {};
}

int error_of_reading(const Fd &file, const std::function<bool()> &ends)
{
    std::string buffer(block, '\0');
    for (;;) {
        if (ends())
            return ECANCELED;
        const auto got = read(file.get(), buffer.data(), buffer.size());
        if (got <= 0 && !(got < 0 && errno == EINTR))
            return got < 0 ? errno : 0;
    }
}

} // namespace igotchuu
