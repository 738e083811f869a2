// SPDX-License-Identifier: MIT
#include "cli/files/new-sources.hpp"

#include "cli/job-names.hpp"
#include "job/amount.hpp"
#include "job/diagnostic.hpp"
#include "job/mount-table.hpp"
#include "job/utf8.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <format>
#include <iostream>
#include <sys/stat.h>
#include <sys/vfs.h>

namespace igotchuu
{

namespace
{

namespace fs = std::filesystem;

struct Size {
    std::uint64_t files = 0, bytes = 0;
    bool whole = true; ///< else there is more
};

/// Of what lies in `source`, as far as it is counted until `end`; other kinds of file systems below it are not.
Size size_of(const std::string &source, std::chrono::steady_clock::time_point end)
{
    Size size;
    struct statfs of_source{};
    struct stat last{};
    if (statfs(source.c_str(), &of_source) < 0 || lstat(source.c_str(), &last) < 0)
        return size;
    std::error_code error;
    for (fs::recursive_directory_iterator at{source, fs::directory_options::skip_permission_denied, error}, none; at != none;
         at.increment(error)) {
        if (std::chrono::steady_clock::now() > end)
            return {size.files, size.bytes, false};
        struct stat status{};
        if (lstat(at->path().c_str(), &status) < 0)
            continue;
        struct statfs here{};
        if (S_ISDIR(status.st_mode) && status.st_dev != last.st_dev && statfs(at->path().c_str(), &here) == 0 &&
            here.f_type != of_source.f_type)
            at.disable_recursion_pending();
        size.files += S_ISREG(status.st_mode) ? 1 : 0;
        size.bytes += S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
    }
    return size;
}

} // namespace

std::string source_of(const std::string &word)
{
    std::error_code error;
    const auto real = fs::canonical(word, error);
    if (error || !fs::is_directory(real))
        throw UsageError{std::format("{} is no directory", printable(word))};
    if (listed_name(real.native()) != real.native())
        throw UsageError{std::format("{} is no UTF-8, which no file of igotchuu's may have; without a file: systemctl start "
                                     "\"igotchuu@$(systemd-escape --path DIR)\"",
                                     printable(real.native()))};
    return real.native();
}

void show_sizes(const std::vector<std::string> &sources, const std::vector<std::string> &exclude)
{
    constexpr std::chrono::seconds patience{3};
    const auto end = std::chrono::steady_clock::now() + patience;
    for (const auto &source : sources) {
        const auto size = size_of(source, end);
        std::cout << std::format("{}: {}{} in {}{}\n", printable(source), size.whole ? "" : "more than ", bytes_text(size.bytes),
                                 counted(size.files, "file", "files"), exclude.empty() ? "" : ", before what is excluded");
    }
    std::cout << std::flush;
}

std::vector<Unfrozen> unfrozen_of(const std::vector<std::string> &sources)
{
    const MountTable mounts;
    std::vector<Unfrozen> unfrozen;
    for (const auto &source : sources)
        if (const auto *const mount = mounts.named(source); mount != nullptr && !has_snapshots(*mount))
            unfrozen.push_back({source, mount->type});
    return unfrozen;
}

} // namespace igotchuu
