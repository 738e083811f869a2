// SPDX-License-Identifier: MIT
#include "cli/new-file.hpp"

#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/write-all.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <format>
#include <sys/stat.h>
#include <unistd.h>

namespace igotchuu
{

namespace
{

/// A file beside its place, gone with this object unless it has landed.
class Beside
{
public:
    explicit Beside(const std::string &directory) : path_{directory + "/.igotchuu-draft.XXXXXX"}
    {
        file_ = Fd{mkostemp(path_.data(), O_CLOEXEC)};
        if (!file_)
            fail(errno, "cannot make {}", path_);
    }
    ~Beside() { unlink(path_.c_str()); } // after it has landed there is none
    Beside(const Beside &) = delete;
    Beside &operator=(const Beside &) = delete;

    void write(std::string_view text, mode_t mode) const
    {
        write_all(file_, text, path_);
        if (fchmod(file_.get(), mode) < 0)
            fail(errno, "cannot set the mode of {}", path_);
        if (fsync(file_.get()) < 0)
            fail(errno, "cannot write {} to the disk", path_);
    }
    void land(const std::string &place) const
    {
        if (renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, place.c_str(), RENAME_NOREPLACE) == 0)
            return;
        if (errno == EEXIST)
            throw Failure{std::format("there is a file {} already", printable(place))};
        fail(errno, "cannot put {} in its place", place);
    }

private:
    std::string path_;
    Fd file_;
};

} // namespace

void sync(const std::string &path)
{
    const Fd file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file || fsync(file.get()) < 0)
        fail(errno, "cannot write {} to the disk", path);
}

NewFiles::~NewFiles()
{
    for (const auto &place : landed_)
        unlink(place.c_str());
}

void NewFiles::land(const std::string &place, std::string_view text, mode_t mode)
{
    const auto directory = std::filesystem::path{place}.parent_path().native();
    const Beside beside{directory};
    beside.write(text, mode);
    beside.land(place);
    landed_.push_back(place);
    sync(directory);
}

} // namespace igotchuu
