// SPDX-License-Identifier: MIT
#include "cli/files/draft.hpp"

#include "cli/files/calendar.hpp"
#include "cli/new-file.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/fd.hpp"
#include "job/write-all.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <format>
#include <fstream>
#include <iterator>
#include <linux/limits.h>
#include <ranges>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace igotchuu
{

namespace
{

const std::string directory = "/etc/igotchuu/jobs";

std::string text_of(const std::string &file)
{
    std::ifstream stream{file};
    if (!stream)
        fail(errno, "cannot read {}", file);
    return {std::istreambuf_iterator<char>{stream}, {}};
}

Fd opened(const std::string &file)
{
    Fd fd{open(file.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!fd)
        fail(errno, "cannot open {}", file);
    return fd;
}

/// What xattr(7) has of a file: among it its ACL.
void copy_attributes(const Fd &from, const Fd &to, const std::string &file)
{
    std::string names(XATTR_LIST_MAX, '\0'), value(XATTR_SIZE_MAX, '\0');
    const auto size = flistxattr(from.get(), names.data(), names.size());
    names.resize(size < 0 ? 0 : static_cast<std::size_t>(size)); // the file system may have none
    for (const auto part : std::views::split(names, '\0')) {
        const std::string name{std::string_view{part}};
        const auto length = name.empty() ? -1 : fgetxattr(from.get(), name.c_str(), value.data(), value.size());
        if (length >= 0 && fsetxattr(to.get(), name.c_str(), value.data(), static_cast<std::size_t>(length), 0) < 0 &&
            errno != ENOTSUP)
            fail(errno, "cannot give {} the attribute {}", file, name);
    }
}

/// By somebody who has it open, fcntl(2) "Leases"; where the file system has none, nobody knows.
bool is_being_written(const Fd &file)
{
    return fcntl(file.get(), F_SETLEASE, F_RDLCK) < 0 && errno == EAGAIN;
}

void make_directory()
{
    Draft::refuse_who_may_not_write();
    const auto parent = std::filesystem::path{directory}.parent_path();
    for (const auto &made : {parent, std::filesystem::path{directory}})
        if (std::filesystem::create_directory(made)) // for all to look into, whatever the umask is
            std::filesystem::permissions(made, std::filesystem::perms{0755});
}

} // namespace

void Draft::refuse_who_may_not_write()
{
    std::error_code none;
    std::filesystem::path there = directory;
    while (!std::filesystem::exists(there, none) && there.has_relative_path())
        there = there.parent_path();
    if (access(there.c_str(), W_OK) < 0 && errno == EACCES)
        throw Failure{std::format("cannot write into {}: {} (run it as root: sudo igotchuu …)", there.native(),
                                  std::generic_category().message(EACCES))};
}

Draft::Draft(Unwritten /*tag*/, JobName job) : job_{std::move(job)}, place_{std::format("{}/{}.toml", directory, job_.name)} {}

Draft::Draft(JobName job, std::string_view text) : Draft{Unwritten{}, std::move(job)}
{
    write(text);
}

Draft::Draft(JobName job) : Draft{Unwritten{}, std::move(job)}
{
    if (std::filesystem::is_symlink(job_.file))
        throw Failure{std::format("{} is a link: edit the file that it leads to, {}, and then: igotchuu reload",
                                  printable(job_.file), printable(std::filesystem::weakly_canonical(job_.file).native()))};
    before_ = text_of(job_.file);
    write(before_);
}

/// Whatever is in there may be for root alone, as long as it has not landed.
void Draft::write(std::string_view text)
{
    make_directory();
    auto name = std::format("{}/.igotchuu-draft.XXXXXX", directory); // the job's own name may be too long for more
    const Fd file{mkostemp(name.data(), O_CLOEXEC)};
    if (!file)
        fail(errno, "cannot make {}", name);
    path_ = std::move(name);
    write_all(file, text, path_);
}

Draft::~Draft()
{
    if (!path_.empty())
        unlink(path_.c_str());
}

std::string Draft::text() const
{
    return text_of(path_);
}

std::vector<Diagnostic> Draft::faults(const SearchPath &path) const
{
    FoundFile file{.name = job_.name, .path = path_, .drop_ins = {}, .faults = {}};
    for (auto &other : find_files(path, "jobs"))
        if (other.name == job_.name)
            file.drop_ins = std::move(other.drop_ins);
    const auto job = Configuration{path}.job(file, job_.instance);
    auto faults = job ? std::vector<Diagnostic>{} : job.error().diagnostics();
    for (auto &fault : faults)
        if (fault.file == path_)
            fault.file = place_;
    return faults.empty() ? calendar_faults(place_, text()) : faults;
}

Failure Draft::came_meanwhile() const
{
    return Failure{std::format("{} has been changed meanwhile by somebody else", printable(place_))};
}

bool Draft::rename_to_place(unsigned int how) const
{
    return renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, place_.c_str(), how) == 0;
}

/// What cannot be read may be anything.
bool Draft::is_what_was_read() const
try {
    return !std::filesystem::is_symlink(path_) && !is_being_written(opened(path_)) && text() == before_;
} catch (const std::system_error &) {
    return false;
}

/// Both change places at one instant, so that what was there is looked at when nobody finds it any more; whoever still writes into it would do so for nothing.
void Draft::take_place_of_what_was_read()
{
    if (!rename_to_place(RENAME_EXCHANGE)) {
        if (errno == ENOENT)
            throw came_meanwhile();
        if (errno != EINVAL)
            fail(errno, "cannot put {} in its place", place_);
        if (text_of(place_) != before_) // a file system that cannot do that, like NFS
            throw came_meanwhile();
        if (!rename_to_place(0))
            fail(errno, "cannot put {} in its place", place_);
        return;
    }
    if (is_what_was_read()) {
        unlink(path_.c_str());
        return;
    }
    if (!rename_to_place(RENAME_EXCHANGE))
        fail(errno, "cannot put back what came in the place of {} meanwhile, {}", place_, path_);
    throw came_meanwhile();
}

void Draft::take_free_place()
{
    if (rename_to_place(RENAME_NOREPLACE))
        return;
    if (errno == EEXIST)
        throw Failure{std::format("there is a file {} already: igotchuu edit changes it", printable(place_))};
    fail(errno, "cannot put {} in its place", place_);
}

void Draft::land()
{
    struct stat status{};
    status.st_mode = 0644; // of a new one
    {
        const auto draft = opened(path_); // an editor may have put another file there
        if (!job_.file.empty()) {
            const auto before = opened(job_.file);
            if (fstat(before.get(), &status) < 0 || fchown(draft.get(), status.st_uid, status.st_gid) < 0)
                fail(errno, "cannot give {} the owner of {}", path_, job_.file);
            copy_attributes(before, draft, path_);
        }
        if (fchmod(draft.get(), status.st_mode & 0777U) < 0)
            fail(errno, "cannot set the mode of {}", path_);
        if (fsync(draft.get()) < 0)
            fail(errno, "cannot write {} to the disk", path_);
    }
    replaces() ? take_place_of_what_was_read() : take_free_place();
    path_.clear();
    sync(directory);
}

} // namespace igotchuu
