// SPDX-License-Identifier: MIT
#include "exec/restic/embedded.hpp"

#include "exec/restic/secret.hpp"
#include "exec/restic/verdict.hpp"
#include "job/error.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <format>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

namespace igotchuu::restic
{

namespace
{

bool exists(const std::string &path)
{
    if (faccessat(AT_FDCWD, path.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        return true;
    if (errno != ENOENT)
        fail(errno, "cannot look for {}", path);
    return false;
}

void write_key(const std::string &path)
{
    const Fd file{open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!file)
        fail(errno, "cannot make {}", path);
    const Confidential key{new_password().text() + '\n'};
    const auto written = ::write(file.get(), key.text().data(), key.text().size());
    if (written != std::ssize(key.text()))
        fail(written < 0 ? errno : ENOSPC, "cannot write {}", path);
    if (fsync(file.get()) < 0)
        fail(errno, "cannot write {}", path);
}

void sync(const Fd &directory, const std::string &of)
{
    if (fsync(directory.get()) < 0)
        fail(errno, "cannot write the directory of {}", of);
}

} // namespace

FirstUse::FirstUse(const Repository &repository, const StopRequest &stop)
    : repository_{repository}, path_{repository.local_path()}, scratch_{repository},
      parent_{open(std::filesystem::path{path_}.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)}
{
    scratch_.location = path_ + ".new";
    scratch_.password.file += ".new";
    if (!parent_)
        fail(errno, "cannot open the directory of {}{}", path_, errno == ENOENT ? " (systemd-tmpfiles --create makes it)" : "");
    while (flock(parent_.get(), LOCK_EX | LOCK_NB) < 0) { // a blocking one would not hear a stop: its signals are blocked
        if (errno != EWOULDBLOCK)
            fail(errno, "cannot lock the directory of {}", path_);
        pollfd polled{stop.fd(), POLLIN, 0};
        poll(&polled, 1, 50);
        stop.check();
    }
}

bool FirstUse::needed() const
{
    const bool key = has_key(repository_);
    const bool there = exists(path_) && !(std::filesystem::is_directory(path_) && std::filesystem::is_empty(path_));
    if (there && !key)
        throw Failure{std::format(
            "the repository {} is there, but its key {} is not: put the key back from where you keep a copy. Without it "
            "nothing in there can be read; to begin anew, move the repository away",
            path_, repository_.password.file)};
    if (there || !key)
        return !there;
    if (!exists(scratch_.location))
        throw Failure{
            std::format("the repository {} is gone (is its disk mounted?), though its key {} is there; to begin anew, move "
                        "the key away",
                        path_, repository_.password.file)};
    publish_repository();
    return false;
}

Repository FirstUse::scratch() const
{
    std::filesystem::remove_all(scratch_.location); // of a killed process: under the lock nobody else's
    std::filesystem::remove(scratch_.password.file);
    write_key(scratch_.password.file);
    return scratch_;
}

void FirstUse::publish() const
{
    const auto &made = scratch_.password.file, &key = repository_.password.file;
    if (renameat2(AT_FDCWD, made.c_str(), AT_FDCWD, key.c_str(), RENAME_NOREPLACE) < 0)
        fail(errno, "cannot rename {} to {}", made, key);
    sync(parent_, key);
    publish_repository();
}

void FirstUse::publish_repository() const
{
    if (rename(scratch_.location.c_str(), path_.c_str()) < 0) // over an empty directory at most: ENOTEMPTY otherwise
        fail(errno, "cannot rename {} to {}", scratch_.location, path_);
    sync(parent_, path_);
}

bool has_key(const Repository &repository)
{
    return exists(repository.password.file);
}

void make_embedded(const Starter &starter, const Repository &repository, const std::string &instance)
{
    const FirstUse first{repository, starter.stop};
    if (!first.needed())
        return; // another has made it meanwhile, or it is there and broken: who uses it says which
    const auto scratch = first.scratch();
    const Access access{scratch, instance, starter.installation, starter.stop};
    const auto made = start(starter, access, {{"init", "--json"}});
    if (made.end.interrupted)
        throw Cancelled{};
    if (!made.end.succeeded())
        throw Failure{"cannot make the repository " + repository.location + ": " + explain(repository, made.end, made.words)};
    first.publish();
}

} // namespace igotchuu::restic
