// SPDX-License-Identifier: MIT
#include "job/state.hpp"

#include "job/error.hpp"
#include "job/fd.hpp"
#include "job/state-json.hpp"
#include "job/write-all.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <format>
#include <iterator>
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

std::string_view to_string(Outcome outcome)
{
    switch (outcome) {
    case Outcome::success:
        return "success";
    case Outcome::pending:
        return "pending";
    case Outcome::partial:
        return "partial";
    case Outcome::stopped:
        return "stopped";
    case Outcome::failed:
        return "failed";
    case Outcome::killed:
        return "killed";
    case Outcome::disproved:
        return "disproved";
    case Outcome::bad_configuration:
        return "bad-configuration";
    case Outcome::not_now:
        return "not-now";
    }
    std::unreachable();
}

std::string_view to_string(Phase phase)
{
    switch (phase) {
    case Phase::start:
        return "start";
    case Phase::lock:
        return "lock";
    case Phase::reap:
        return "reap";
    case Phase::snapshot:
        return "snapshot";
    case Phase::mount:
        return "mount";
    case Phase::restic:
        return "restic";
    case Phase::prove:
        return "prove";
    case Phase::release:
        return "release";
    case Phase::forget:
        return "forget";
    }
    std::unreachable();
}

std::string_view to_string(Hold hold)
{
    switch (hold) {
    case Hold::none:
        return "none";
    case Hold::newest:
        return "newest";
    case Hold::empty:
        return "empty";
    case Hold::lost:
        return "lost";
    case Hold::moved:
        return "moved";
    case Hold::shrunk:
        return "shrunk";
    case Hold::rewritten:
        return "rewritten";
    case Hold::machines:
        return "machines";
    case Hold::too_many:
        return "too-many";
    case Hold::locked:
        return "locked";
    case Hold::failed:
        return "failed";
    }
    std::unreachable();
}

std::string_view to_string(Finding finding)
{
    switch (finding) {
    case Finding::proven:
        return "proven";
    case Finding::unproven:
        return "unproven";
    case Finding::disproved:
        return "disproved";
    }
    std::unreachable();
}

ExitStatus exit_status(Outcome outcome)
{
    switch (outcome) {
    case Outcome::success:
        return ExitStatus::success;
    case Outcome::partial:
        return ExitStatus::partial;
    case Outcome::stopped:
        return ExitStatus::stopped;
    case Outcome::bad_configuration:
        return ExitStatus::bad_configuration;
    case Outcome::pending:
    case Outcome::not_now:
        return ExitStatus::not_now;
    case Outcome::failed:
    case Outcome::killed:
    case Outcome::disproved:
        return ExitStatus::failed;
    }
    std::unreachable();
}

Outcome worse(Outcome a, Outcome b)
{
    constexpr std::array mildest_first{Outcome::success, Outcome::not_now,   Outcome::pending,
                                       Outcome::partial, Outcome::stopped,   Outcome::killed,
                                       Outcome::failed,  Outcome::disproved, Outcome::bad_configuration};
    return std::ranges::find(mildest_first, a) < std::ranges::find(mildest_first, b) ? b : a;
}

bool has_snapshot(Outcome outcome)
{
    return outcome == Outcome::success || outcome == Outcome::partial || outcome == Outcome::disproved;
}

bool is_whole(const Run &run, const RepositoryResult &result)
{
    const bool only_kept_too_much =
        result.outcome == Outcome::partial && result.errors == 0 && result.retention && result.retention->hold == Hold::failed;
    if (result.outcome != Outcome::success && !only_kept_too_much)
        return false;
    if (run.whole)
        return *run.whole;
    auto explained = Outcome::stopped == run.outcome ? Outcome::stopped : Outcome::success;
    for (const auto &each : run.repositories)
        explained = worse(explained, each.outcome);
    return worse(explained, run.outcome) == explained;
}

const LastProven *last_proven(const Record &record, std::string_view repository)
{
    const auto found = std::ranges::find(record.proven, repository, &LastProven::repository);
    return found == record.proven.end() ? nullptr : &*found;
}

std::vector<LastProven> proven_in(std::span<const LastProven> proven, std::span<const std::string> repositories)
{
    std::vector<LastProven> in;
    std::ranges::copy_if(proven, std::back_inserter(in), [&](const LastProven &one) {
        return repositories.empty() || std::ranges::contains(repositories, one.repository);
    });
    return in;
}

std::optional<Clock::time_point> proven_everywhere(std::span<const LastProven> proven, std::span<const std::string> repositories)
{
    const auto in = proven_in(proven, repositories);
    const auto is_proven = [&](const std::string &repository) {
        return std::ranges::contains(in, repository, &LastProven::repository);
    };
    if (in.empty() || !std::ranges::all_of(repositories, is_proven))
        return {};
    return std::ranges::min(in, {}, &LastProven::proven).proven;
}

namespace
{

/// No kept instant that was sent, and no try that could not run.
bool is_own_and_ran(const Run &run)
{
    return run.kept_run.empty() && run.outcome != Outcome::not_now;
}

} // namespace

const Run *last_own_run(const Record &record)
{
    if (record.history.empty())
        return nullptr;
    const auto own = std::ranges::find_if(record.history, [](const Run &run) { return run.kept_run.empty(); });
    return own == record.history.end() ? &record.history.front() : &*own;
}

const Run *last_that_ran(const Record &record)
{
    const auto own = std::ranges::find_if(record.history, is_own_and_ran);
    return own == record.history.end() ? last_own_run(record) : &*own;
}

std::span<const Run> newest_runs(const Record &record)
{
    const auto own = std::ranges::find_if(record.history, is_own_and_ran);
    return {record.history.begin(), own == record.history.end() ? own : std::next(own)};
}

namespace
{

/// Those of a run that count, of repositories that have none among them as yet.
void add_new(std::vector<RepositoryResult> &results, const Run &run, bool (*counts)(const RepositoryResult &))
{
    for (const auto &result : run.repositories)
        if (counts(result) && !std::ranges::contains(results, result.repository, &RepositoryResult::repository))
            results.push_back(result);
}

} // namespace

std::vector<RepositoryResult> last_results(const Record &record)
{
    std::vector<RepositoryResult> results;
    for (const auto &run : newest_runs(record))
        add_new(results, run, [](const auto &) { return true; });
    return results;
}

std::vector<RepositoryResult> last_retentions(const Record &record)
{
    std::vector<RepositoryResult> results;
    const auto has_one = [](const RepositoryResult &result) { return result.retention.has_value(); };
    for (const auto &run : newest_runs(record))
        add_new(results, run, has_one);
    if (record.last_success)
        add_new(results, *record.last_success, has_one);
    return results;
}

bool succeeded(const Run &run)
{
    return run.outcome == Outcome::success ||
           (run.outcome == Outcome::pending &&
            std::ranges::contains(run.repositories, Outcome::success, &RepositoryResult::outcome));
}

ExitStatus exit_status(const Run &run)
{
    return succeeded(run) ? ExitStatus::success : exit_status(run.outcome);
}

Clock::time_point fresh_as_of(const Run &run)
{
    return run.kept_run.empty() ? run.ended : run.instant;
}

Clock::time_point instant_of(const Run &run)
{
    return run.instant == Clock::time_point{} ? run.started : run.instant;
}

std::optional<Clock::time_point> put_off_until(const Wanting &one, Clock::time_point now)
{
    constexpr std::chrono::hours a_while{24};
    if (!one.disproved || *one.disproved > now || now - *one.disproved >= a_while) // the clock may have been ahead
        return {};
    return *one.disproved + a_while;
}

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
