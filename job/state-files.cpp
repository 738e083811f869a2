// SPDX-License-Identifier: MIT
#include "job/state-files.hpp"

#include "job/error.hpp"
#include "job/fd.hpp"
#include "job/newest-runs.hpp"
#include "job/state-json.hpp"
#include "job/write-all.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <format>
#include <utility>

namespace igotchuu
{
namespace
{

constexpr std::size_t size_max = 1 << 20;
constexpr std::size_t kept_size_max = 16 << 20; // 20,000 nested subvolumes, twice

enum class Durability { volatile_, fsynced };

std::string file_of(std::string_view instance)
{
    if (instance.empty() || instance.contains('/') || instance.contains('\0'))
        fail(EINVAL, "cannot keep the state of a job named \"{}\"", instance);
    return std::string{instance} + ".json";
}

Fd create_temporary(const std::filesystem::path &path)
{
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    Fd file{::open(path.c_str(), flags, 0640)};
    if (!file && errno == EEXIST) { // of a run that was killed here
        ::unlink(path.c_str());
        file = Fd{::open(path.c_str(), flags, 0640)};
    }
    if (!file)
        fail(errno, "cannot write {}", path.native());
    if (::fchmod(file.get(), 0640) < 0) // the unit's UMask= is 0077
        fail(errno, "cannot write {}", path.native());
    return file;
}

void sync_directory(const std::filesystem::path &path)
{
    const Fd directory{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!directory || ::fsync(directory.get()) < 0)
        fail(errno, "cannot write {} to the disk", path.native());
}

void replace(const std::filesystem::path &directory, const std::string &name, std::string_view text, Durability durability)
{
    const auto target = directory / name, temporary = directory / ("." + name + ".tmp");
    const Fd file = create_temporary(temporary);
    try {
        write_all(file, text, temporary.native());
        if (durability == Durability::fsynced && ::fsync(file.get()) < 0)
            fail(errno, "cannot write {} to the disk", temporary.native());
        if (::rename(temporary.c_str(), target.c_str()) < 0)
            fail(errno, "cannot write {}", target.native());
    } catch (...) {
        ::unlink(temporary.c_str());
        throw;
    }
    if (durability == Durability::fsynced)
        sync_directory(directory);
}

/// Nothing for what cannot be read, and for what no version of ours wrote: a link, a FIFO, a file that is too large.
std::optional<std::string> contents(const std::filesystem::path &path, std::size_t most = size_max)
{
    const Fd file{::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    struct stat status{};
    if (!file || ::fstat(file.get(), &status) < 0 || !S_ISREG(status.st_mode) || status.st_size > static_cast<off_t>(most))
        return std::nullopt;

    std::string text(static_cast<std::size_t>(status.st_size), '\0');
    std::size_t filled = 0;
    while (filled < text.size()) {
        const ssize_t got = ::read(file.get(), text.data() + filled, text.size() - filled);
        if (got < 0)
            return std::nullopt;
        if (got == 0)
            break;
        filled += static_cast<std::size_t>(got);
    }
    text.resize(filled);
    return text;
}

} // namespace

void write(const StateDirectories &where, std::string_view instance, const Activity &activity)
{
    replace(where.activity, file_of(instance), to_json(activity), Durability::volatile_);
}

namespace
{

/// A record, with as many runs as it may have.
template <typename Kind>
void write_record(const std::filesystem::path &directory, std::string_view instance, Kind bounded)
{
    if (bounded.history.size() > Record::history_max)
        bounded.history.resize(Record::history_max);
    std::string text = to_json(bounded);
    while (text.size() > size_max && !bounded.history.empty()) { // long messages: fewer runs, but never a file that nobody reads
        bounded.history.pop_back();
        text = to_json(bounded);
    }
    if (text.size() > size_max)
        fail(EFBIG, "cannot keep the record of {}", instance);
    replace(directory, file_of(instance), text, Durability::fsynced);
}

/// Nothing is known of any repository. What was killed may have made a snapshot.
bool came_to_nothing(const Run &run)
{
    return run.repositories.empty() && run.outcome != Outcome::killed;
}

/// Of more runs than there may be, the oldest go that came to nothing, until those are half: by comparison with the others old snapshots are held.
void make_room(std::vector<Run> &history)
{
    const auto half = static_cast<std::ptrdiff_t>(Record::history_max / 2);
    auto of_nothing = std::ranges::count_if(history, came_to_nothing);
    for (; history.size() > Record::history_max && of_nothing > half; --of_nothing)
        history.erase(std::ranges::find_last_if(history, came_to_nothing).begin());
}

} // namespace

void write(const StateDirectories &where, std::string_view instance, const Record &record)
{
    auto bounded = record;
    make_room(bounded.history);
    write_record(where.records, instance, std::move(bounded));
}

void write(const StateDirectories &where, std::string_view instance, const RepositoryRecord &record)
{
    write_record(where.repositories, instance, record);
}

namespace
{

void take_away(const std::filesystem::path &path)
{
    if (::unlink(path.c_str()) < 0 && errno != ENOENT)
        fail(errno, "cannot remove {}", path.native());
}

} // namespace

void write(const StateDirectories &where, std::string_view instance, const Kept &kept)
{
    if (kept.instants.empty()) {
        take_away(where.kept / file_of(instance));
        return sync_directory(where.kept);
    }
    const auto text = to_json(kept);
    if (text.size() > kept_size_max)
        fail(EFBIG, "cannot write down the kept instants of {}", instance);
    replace(where.kept, file_of(instance), text, Durability::fsynced);
}

void remove_activity(const StateDirectories &where, std::string_view instance)
{
    take_away(where.activity / file_of(instance));
}

std::optional<Activity> read_activity(const StateDirectories &where, std::string_view instance)
{
    return contents(where.activity / file_of(instance)).and_then(activity_from_json);
}

std::optional<Record> read_record(const StateDirectories &where, std::string_view instance)
{
    return contents(where.records / file_of(instance)).and_then(record_from_json);
}

std::optional<Record> read_newest(const StateDirectories &where, std::string_view instance)
{
    return contents(where.records / file_of(instance)).transform(with_newest_runs).and_then(record_from_json);
}

std::optional<RepositoryRecord> read_repository_record(const StateDirectories &where, std::string_view instance)
{
    return contents(where.repositories / file_of(instance)).and_then(repository_record_from_json);
}

namespace
{

/// Those of jobs, sorted; what is being written is none of them.
std::vector<std::filesystem::path> state_files(const std::filesystem::directory_iterator &directory)
{
    std::vector<std::filesystem::path> files;
    for (const auto &entry : directory)
        if (entry.path().extension() == ".json" && !entry.path().filename().native().starts_with('.'))
            files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

template <typename Kind, typename Parse>
std::vector<Kind> records_in(const std::filesystem::directory_iterator &directory, Parse parse)
{
    std::vector<Kind> records;
    for (const auto &file : state_files(directory))
        if (auto record = contents(file).and_then(parse))
            records.push_back(*std::move(record));
    return records;
}

} // namespace

std::vector<Record> read_records(const StateDirectories &where)
{
    return records_in<Record>(std::filesystem::directory_iterator{where.records}, record_from_json);
}

std::vector<RepositoryRecord> read_repository_records(const StateDirectories &where)
{
    std::error_code none; // of a machine that has never maintained one
    return records_in<RepositoryRecord>(std::filesystem::directory_iterator{where.repositories, none}, repository_record_from_json);
}

std::vector<std::string> instances_with_kept(const StateDirectories &where)
{
    std::error_code none; // of a machine that has never kept one
    std::vector<std::string> instances;
    for (const auto &file : state_files(std::filesystem::directory_iterator{where.kept, none}))
        instances.push_back(file.stem().native());
    return instances;
}

Kept read_kept(const StateDirectories &where, std::string_view instance)
{
    const auto path = where.kept / file_of(instance);
    struct stat status{};
    if (::lstat(path.c_str(), &status) < 0 && errno == ENOENT)
        return {};
    auto kept = contents(path, kept_size_max).and_then(kept_from_json);
    if (!kept)
        throw Failure{
            std::format("{} cannot be read, or is of another version: it lists snapshots that are kept, which stay as they are. "
                        "When they are not needed, remove that file",
                        path.native())};
    return *std::move(kept);
}

} // namespace igotchuu
