// SPDX-License-Identifier: MIT
#include "exec/retrieve/staging.hpp"

#include "exec/open-beneath.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <format>
#include <iostream>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

namespace igotchuu::retrieve
{

namespace
{

namespace fs = std::filesystem;

std::string random_digits()
{
    std::uint64_t number = 0;
    if (getrandom(&number, sizeof number, 0) != sizeof number)
        fail(errno, "cannot get random bytes");
    return std::format("{:016x}", number);
}

/// By which the same restore finds it again.
std::string name_for(const std::string &snapshot)
{
    return ".igotchuu-restore." + snapshot.substr(0, 16);
}

struct stat status_of(const Fd &directory, const std::string &path)
{
    struct stat status{};
    if (!directory || fstat(directory.get(), &status) < 0)
        fail(errno, "cannot open {}", printable(path));
    return status;
}

bool is_empty(const Fd &directory)
{
    return fs::directory_iterator{std::format("/proc/self/fd/{}", directory.get())} == fs::directory_iterator{};
}

/// Of a file of several names restic keeps none that is there, but makes it anew, and then writes only those parts of it that had differed (0.17 to 0.19).
void remove_linked(const Fd &directory)
{
    for (const auto &entry : fs::recursive_directory_iterator{std::format("/proc/self/fd/{}", directory.get())})
        if (entry.symlink_status().type() == fs::file_type::regular && entry.hard_link_count() > 1)
            fs::remove(entry.path());
}

} // namespace

bool Staging::is_left(const Fd &directory, const std::string &snapshot)
{
    return faccessat(directory.get(), name_for(snapshot).c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

Staging::Staging(const Fd &directory, const std::string &path, const std::string &snapshot, const Way &way)
    : directory_{directory}, resumable_{!way.as()}, name_{name_for(resumable_ ? snapshot : random_digits())},
      path_{std::format("{}/{}", path == "/" ? "" : path, name_)}
{
    {
        const RightsOf rights{way.as()};
        if (faccessat(directory_.get(), ".", W_OK | X_OK, AT_EACCESS) < 0)
            fail(errno, "cannot restore into {}", printable(path));
    }
    const bool is_new = mkdirat(directory_.get(), name_.c_str(), 0700) == 0;
    if (!is_new && (errno != EEXIST || !resumable_))
        fail(errno, "cannot restore into {}", printable(path));
    try {
        prepare(is_new, path);
    } catch (...) {
        if (is_new && outer_)
            static_cast<void>(take_away());
        throw;
    }
}

/// What is made inherits the set-group-ID bit (mkdir(2)). Where fchmod(2) cannot take it, the mode tells.
void Staging::prepare(bool is_new, const std::string &directory)
{
    outer_ = open_step(directory_, name_, O_RDONLY | O_DIRECTORY);
    if (is_new && outer_)
        static_cast<void>(fchmod(outer_.get(), 0700));
    const auto outer = status_of(outer_, path_);
    const bool is_closed = outer.st_uid == geteuid() && (outer.st_mode & 07777U) == 0700;
    if (is_new && !is_closed)
        throw Failure{
            std::format("cannot restore into {}: the file system there keeps no owners and rights, so what comes would be "
                        "open to others (mount it with umask=077, or restore to another disk)",
                        printable(directory))};
    if (!is_closed || (is_new && !is_empty(outer_)))
        throw Failure{std::format("{} is not what was made a moment ago, or is not root's alone: somebody else uses that name",
                                  printable(path_))};
    if (mkdirat(outer_.get(), "files", 0700) < 0 && errno != EEXIST)
        fail(errno, "cannot make {}/files", printable(path_));
    files_ = open_step(outer_, "files", O_RDONLY | O_DIRECTORY);
    static_cast<void>(status_of(files_, path_ + "/files"));
    if (!is_new)
        remove_linked(files_);
}

Staging::~Staging()
{
    if (!goes_with_this_)
        return;
    try {
        remove();
    } catch (const std::exception &error) {
        std::cerr << "igotchuu: " << error.what() << '\n';
    }
}

/// Under its name there may be another one by now, where others may change names.
bool Staging::take_away() const noexcept
{
    struct stat here{}, outer{};
    return fstatat(directory_.get(), name_.c_str(), &here, AT_SYMLINK_NOFOLLOW) == 0 && fstat(outer_.get(), &outer) == 0 &&
           here.st_ino == outer.st_ino && unlinkat(directory_.get(), name_.c_str(), AT_REMOVEDIR) == 0;
}

/// By descriptor: libstdc++ goes on from there without following links.
void Staging::remove()
{
    goes_with_this_ = false;
    std::error_code error;
    fs::remove_all(std::format("/proc/self/fd/{}/files", outer_.get()), error);
    if (error)
        fail(error.value(), "cannot remove {}", printable(path_));
    if (!take_away())
        throw Failure{std::format("cannot remove {}, which is empty: somebody has moved it", printable(path_))};
}

} // namespace igotchuu::retrieve
