// SPDX-License-Identifier: MIT
#include "exec/restic/command-line.hpp"

#include "job/error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <format>

namespace igotchuu::restic
{

namespace
{

std::tm local(std::time_t instant)
{
    std::tm parts{};
    if (!localtime_r(&instant, &parts))
        fail(errno, "cannot break down the time {}", instant);
    return parts;
}

/// Whether another instant near `instant` has the same wall clock time: one that is as far away as the zone's offset jumped.
bool shown_twice(std::time_t instant)
{
    constexpr std::time_t day = std::time_t{24} * 60 * 60;
    const auto offset = local(instant).tm_gmtoff;
    return std::ranges::any_of(std::array{instant - day, instant + day}, [&](std::time_t near) {
        const auto other_offset = local(near).tm_gmtoff;
        return other_offset != offset && local(instant + offset - other_offset).tm_gmtoff == other_offset;
    });
}

} // namespace

std::string patience_for_a_lock(const Repository &repository)
{
    return std::format("--retry-lock={}s",
                       std::min<std::chrono::seconds>(std::chrono::minutes{5}, repository.answer_timeout / 2).count());
}

WallClock wall_clock(std::chrono::system_clock::time_point instant)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(instant);
    const auto count = std::chrono::system_clock::to_time_t(seconds);
    if (std::getenv("TZ") || shown_twice(count))
        return {std::format("{:%Y-%m-%d %H:%M:%S}", seconds), {"TZ=UTC"}};
    const auto offset = std::chrono::seconds{local(count).tm_gmtoff};
    return {std::format("{:%Y-%m-%d %H:%M:%S}", seconds + offset), {}};
}

std::string literal_pattern(std::string_view path)
{
    std::string pattern;
    for (const auto character : path) {
        if (std::string_view{"\\*?["}.contains(character))
            pattern += '\\';
        pattern += character;
    }
    return pattern;
}

std::vector<std::string> backup_arguments(const BackupRequest &request, const std::string &time, const std::string &host,
                                          std::span<const std::string> tags)
{
    const auto &job = request.job;
    std::vector<std::string> arguments{
        "backup",          "--json", patience_for_a_lock(request.repository), "--host=" + host, "--time=" + time,
        "--group-by=tags", // the parent is this job's last snapshot, though its sources or the host's name have changed
    };
    for (const auto &tag : tags)
        arguments.push_back("--tag=" + tag);
    for (const auto &pattern : job.exclude)
        arguments.push_back("--exclude=" + pattern);
    for (const auto &path : request.leave_out)
        arguments.push_back("--exclude=" + literal_pattern(path));
    for (const auto &path : request.leave_out_contents)
        arguments.push_back("--exclude=" + literal_pattern(path) + "/*");
    if (job.exclude_caches)
        arguments.emplace_back("--exclude-caches");
    if (request.read_all)
        arguments.emplace_back("--force");
    arguments.insert(arguments.end(), job.restic_args.begin(), job.restic_args.end());
    arguments.emplace_back("--");
    arguments.insert(arguments.end(), job.sources.begin(), job.sources.end()); // verbatim: arguments are no patterns
    return arguments;
}

std::vector<std::string> comparison_arguments(const BackupRequest &request, const std::string &time, const std::string &host,
                                              std::span<const std::string> tags, const std::string &snapshot)
{
    auto arguments = backup_arguments(request, time, host, tags);
    std::erase_if(arguments, [](const std::string &argument) { // they would compare with nothing, or end before the comparison
        return argument == "--force" || argument == "-f" || argument == "--skip-if-unchanged";
    });
    arguments.insert(arguments.begin() + 1, {"--dry-run", "--no-scan", "--parent=" + snapshot});
    return arguments;
}

std::vector<std::string> plan_arguments(std::span<const KeepRule> rules, std::span<const std::string> tags)
{
    std::string all_tags;
    for (const auto &tag : tags)
        all_tags += (all_tags.empty() ? "" : ",") + tag;
    std::vector<std::string> arguments{"forget", "--dry-run", "--no-lock", "--json", "--tag=" + all_tags, "--group-by="};
    for (const auto &rule : rules)
        arguments.push_back(std::format("--keep-{}={}", rule.name, rule.value));
    return arguments;
}

} // namespace igotchuu::restic
