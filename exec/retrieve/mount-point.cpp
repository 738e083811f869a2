// SPDX-License-Identifier: MIT
#include "exec/retrieve/mount-point.hpp"

#include "exec/mount-tree.hpp"
#include "exec/open-beneath.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/mount-id.hpp"

#include <cerrno>
#include <exception>
#include <fcntl.h>
#include <filesystem>
#include <format>
#include <sys/stat.h>

namespace igotchuu::retrieve
{

namespace
{

namespace fs = std::filesystem;

bool is_link(const Fd &parent, const std::string &name)
{
    struct stat status{};
    return fstatat(parent.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode);
}

[[noreturn]] void refuse_link(const std::string &path)
{
    std::error_code unknown;
    const auto real = fs::canonical(path, unknown);
    throw Failure{std::format("cannot mount on {}: a link leads there, and nothing is mounted through links{}", printable(path),
                              unknown ? "" : std::format(" (its real name is {})", printable(real.native())))};
}

} // namespace

MountPoint::MountPoint(const CallersNamespace &caller, std::string path)
    : caller_{caller}, path_{std::move(path)}, name_{path_ == "/" ? "." : path_.substr(path_.rfind('/') + 1)},
      parent_{open_without_links(caller.root(), fs::path{path_}.parent_path().native(), O_PATH | O_DIRECTORY)}
{
    if (!parent_ && errno == ELOOP)
        refuse_link(path_);
    if (!parent_)
        fail(errno, "cannot mount on {}", printable(path_));
    directory_ = Fd{openat(parent_.get(), name_.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    const int error = errno;
    if (!directory_ && is_link(parent_, name_))
        refuse_link(path_);
    if (!directory_)
        fail(error, "cannot mount on {}", printable(path_));
    if (mount_id(directory_).is_root)
        throw Failure{
            std::format("cannot mount on {}: something is mounted there already (take another directory, or umount what is there)",
                        printable(path_))};
}

MountPoint::~MountPoint()
try {
    if (mount_ == 0)
        return;
    const CallersNamespace::Visit visit{caller_};
    take_off(parent_.get(), name_, mount_);
} catch (const std::exception &) { // igotchuu takes it off then
    return;
}

bool MountPoint::is_empty() const
{
    const Fd readable{openat(directory_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!readable)
        fail(errno, "cannot look into {}", printable(path_));
    return fs::directory_iterator{std::format("/proc/self/fd/{}", readable.get())} == fs::directory_iterator{};
}

void MountPoint::attach(Fd tree)
{
    mount_ = mount_id(tree).id;
    {
        const CallersNamespace::Visit visit{caller_};
        igotchuu::attach(tree, directory_, printable(path_));
    }
    // Our namespace gets what is mounted in the caller's. restic must not meet what it serves: it would wait for itself (restic issue 5234).
    if (const Fd copy{open(path_.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)}; mount_id(copy).is_root)
        static_cast<void>(detach(copy));
    directory_ = Fd{};
}

} // namespace igotchuu::retrieve
