// SPDX-License-Identifier: MIT
#include "cli/job-names.hpp"
#include "cli/retrieve/path-words.hpp"
#include "cli/retrieve/retrieval.hpp"
#include "cli/shell.hpp"
#include "cli/verbs.hpp"
#include "job/diagnostic.hpp"
#include "job/mount-id.hpp"

#include <fcntl.h>
#include <filesystem>
#include <format>
#include <iostream>
#include <utility>

namespace igotchuu
{

namespace
{

using nlohmann::json;
namespace fs = std::filesystem;

/// Before anybody is asked for a password. The rest is igotchuu-exec's to say.
void check_directory(const std::string &path)
{
    std::error_code unknown;
    const auto type = fs::symlink_status(path, unknown).type();
    if (type == fs::file_type::not_found)
        throw Failure{std::format("cannot mount on {}: it is not there (mkdir {})", printable(path), printable(shell_word(path)))};
    if (type != fs::file_type::directory && type != fs::file_type::symlink && !unknown)
        throw Failure{std::format("cannot mount on {}: it is no directory", printable(path))};
}

MountRequest understood(MountRequest request)
{
    auto &job = request.where.job;
    if (request.directory.empty() && (is_path(job) || needs_no_job(request.where, job)))
        request.directory = std::exchange(job, {});
    if (request.directory.empty())
        throw UsageError{"on which directory? Name one that is there: igotchuu mount JOB DIR"};
    request.directory = stored_path(request.directory);
    check_directory(request.directory);
    return request;
}

void show(const MountRequest &request, const json &mounted)
{
    const auto &job = request.where.job;
    const auto repository = printable(mounted.value("repository", ""));
    const auto of = job.empty() ? repository : std::format("{} in {}", printable(job), repository);
    std::cout << std::format("The snapshots of {} are in {}, read-only and for root alone, until Ctrl-C:\n", of,
                             printable(request.directory))
              << "  snapshots/   each by its time; latest is the newest\n"
                 "  hosts/       the same by the host\n"
                 "  tags/        the same by the tag\n"
                 "  ids/         the same by the id\n"
              << std::format("A file is copied out with its owner and rights by: cp -a {}/snapshots/latest/PATH TO\n",
                             printable(shell_word(request.directory)));
    if (mounted.value("covers", false))
        std::cout << std::format("What {} itself has in it is covered until then.\n", printable(request.directory));
    std::cout << std::flush;
}

} // namespace

int mount_snapshots(const MountRequest &typed)
{
    const auto request = understood(typed);
    Retrieval retrieval{request.where, {{"verb", "mount"}, {"directory", request.directory}}};
    const auto mounted = retrieval.next();
    if (mounted)
        show(request, *mounted);
    while (retrieval.next())
        ;
    const auto status = retrieval.wait();
    if (!mounted)
        return status;
    if (const bool was_killed = status > 128; was_killed) { // else it has taken it off itself
        take_off(AT_FDCWD, request.directory, mounted->value("mount", std::uint64_t{0}));
        std::cerr << "igotchuu: igotchuu-exec was killed\n";
    }
    std::cout << std::format("{} is as it was.\n", printable(request.directory));
    return status;
}

} // namespace igotchuu
