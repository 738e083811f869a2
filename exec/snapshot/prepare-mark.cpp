// SPDX-License-Identifier: MIT
#include "exec/snapshot/prepare-mark.hpp"

#include "exec/reap.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <format>
#include <fstream>
#include <iterator>

namespace igotchuu::command
{
namespace
{

constexpr const char *parent = "/var/lib/igotchuu", *directory = "/var/lib/igotchuu/prepared";
constexpr std::string_view ending = ".json";
constexpr int schema = 1;

std::string file_of(const Leftover &run)
{
    return run_name(run.instance, run.run) + std::string{ending};
}

std::string to_text(const Mark &mark)
{
    return nlohmann::ordered_json{{"schema", schema},        {"sources", mark.sources}, {"prepare", mark.prepare},
                                  {"cleanup", mark.cleanup}, {"user", mark.user},       {"at-most", mark.at_most.count()}}
               .dump(2) +
           '\n';
}

Fd open_directory(const char *path)
{
    Fd fd{open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!fd)
        fail(errno, "cannot open {}", path);
    return fd;
}

void sync(const Fd &file, const char *path)
{
    if (fsync(file.get()) < 0)
        fail(errno, "cannot write {} to the disk", path);
}

Fd make_directory()
{
    if (mkdir(directory, 0700) == 0)
        sync(open_directory(parent), parent);
    else if (errno != EEXIST)
        fail(errno, "cannot make {}", directory);
    return open_directory(directory);
}

void write_whole(const Fd &into, const std::string &name, std::string_view text)
{
    const Fd file{openat(into.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (!file)
        fail(errno, "cannot write {}/{}", directory, name);
    while (!text.empty()) {
        const auto written = ::write(file.get(), text.data(), text.size());
        if (written < 0)
            fail(errno, "cannot write {}/{}", directory, name);
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    sync(file, directory);
}

void unlink_durably(const std::string &name)
{
    const Fd in = open_directory(directory);
    if (unlinkat(in.get(), name.c_str(), 0) < 0)
        fail(errno, "cannot remove {}/{}", directory, name);
    sync(in, directory);
}

} // namespace

std::string path_of(const Leftover &run)
{
    return std::format("{}/{}", directory, file_of(run));
}

void write(const Mark &mark)
{
    const Fd in = make_directory();
    const auto unfinished = run_name(mark.run.instance, mark.run.run);
    try {
        write_whole(in, unfinished, to_text(mark));
        if (renameat(in.get(), unfinished.c_str(), in.get(), file_of(mark.run).c_str()) < 0)
            fail(errno, "cannot write {}", path_of(mark.run));
        sync(in, directory);
    } catch (...) {
        unlinkat(in.get(), unfinished.c_str(), 0);
        unlinkat(in.get(), file_of(mark.run).c_str(), 0);
        throw;
    }
}

void remove(const Leftover &run)
{
    unlink_durably(file_of(run));
}

void remove_unfinished(const Leftover &run)
{
    unlink_durably(run_name(run.instance, run.run));
}

std::vector<std::string> names_of_marks()
{
    std::vector<std::string> names;
    std::error_code error;
    for (const auto &entry : std::filesystem::directory_iterator{directory, error})
        names.push_back(entry.path().filename().native());
    if (error && error != std::errc::no_such_file_or_directory)
        fail(error.value(), "cannot read {}", directory);
    return names;
}

std::optional<MarkName> parse_mark_name(std::string_view name)
{
    const bool whole = name.ends_with(ending);
    auto run = parse_run(name.substr(0, name.size() - (whole ? ending.size() : 0)));
    if (!run)
        return std::nullopt;
    return MarkName{*std::move(run), whole};
}

Mark read(const Leftover &run)
try {
    std::ifstream file{path_of(run)};
    const auto json = nlohmann::json::parse(file);
    if (json.at("schema") != schema)
        throw Failure{std::format("{} is of another version of igotchuu", printable(path_of(run)))};
    return {.run = run,
            .sources = json.at("sources").get<std::vector<std::string>>(),
            .prepare = json.at("prepare").get<std::vector<std::string>>(),
            .cleanup = json.at("cleanup").get<std::vector<std::string>>(),
            .user = json.at("user").get<std::string>(),
            .at_most = std::chrono::seconds{json.at("at-most").get<std::int64_t>()}};
} catch (const nlohmann::json::exception &) {
    throw Failure{std::format("{} cannot be read: clean up what it stands for, then remove it", printable(path_of(run)))};
}

} // namespace igotchuu::command
