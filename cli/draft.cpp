// SPDX-License-Identifier: MIT
#include "cli/draft.hpp"

#include "job/error.hpp"
#include "job/fd.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <format>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace igotchuu
{

namespace
{

const std::string directory = "/etc/igotchuu/jobs";

void write_all(const Fd &file, std::string_view text, const std::string &path)
{
    while (!text.empty()) {
        const auto written = ::write(file.get(), text.data(), text.size());
        if (written < 0 && errno != EINTR)
            fail(errno, "cannot write {}", path);
        text.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
}

void sync(const std::string &path)
{
    const Fd file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file || fsync(file.get()) < 0)
        fail(errno, "cannot write {} to the disk", path);
}

} // namespace

Draft::Draft(JobName job, std::string_view text, unsigned mode)
    : job_{std::move(job)}, place_{std::format("{}/{}.toml", directory, job_.name)}
{
    std::filesystem::create_directories(directory);
    auto name = std::format("{}/.igotchuu-draft.XXXXXX", directory); // the job's own name may be too long for more
    const Fd file{mkostemp(name.data(), O_CLOEXEC)};
    if (!file)
        fail(errno, "cannot make {}", name);
    path_ = std::move(name);
    if (fchmod(file.get(), mode) < 0)
        fail(errno, "cannot set the mode of {}", path_);
    write_all(file, text, path_);
}

Draft::~Draft()
{
    if (!path_.empty())
        unlink(path_.c_str());
}

std::string Draft::text() const
{
    std::ifstream stream{path_};
    if (!stream)
        fail(errno, "cannot read {}", path_);
    return {std::istreambuf_iterator<char>{stream}, {}};
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
    return faults;
}

void Draft::land(Landing landing)
{
    sync(path_);
    const unsigned flags = landing == Landing::new_file ? RENAME_NOREPLACE : 0;
    if (renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, place_.c_str(), flags) < 0) {
        if (errno == EEXIST)
            throw Failure{std::format("there is a file {} already: igotchuu edit changes it", place_)};
        fail(errno, "cannot put {} in its place", place_);
    }
    path_.clear();
    sync(directory);
}

} // namespace igotchuu
