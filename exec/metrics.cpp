// SPDX-License-Identifier: MIT
#include "exec/metrics.hpp"

#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/fd.hpp"
#include "job/state-files.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <format>
#include <vector>

namespace igotchuu
{
namespace
{

/// A label's value may hold anything but three characters as they are. What is no UTF-8 was made printable first.
std::string label(std::string_view name, std::string_view value)
{
    std::string text;
    for (const char c : printable(value)) {
        if (c == '\\' || c == '"')
            text += '\\';
        text += c;
    }
    return std::format("{}=\"{}\"", name, text);
}

double seconds(Clock::time_point instant)
{
    return std::chrono::duration<double>{instant.time_since_epoch()}.count();
}

/// One family of samples: HELP and TYPE stand once, before all of its samples.
class Family
{
public:
    Family(std::string_view name, std::string_view help)
        : name_{name}, text_{std::format("# HELP {} {}\n# TYPE {} gauge\n", name, help, name)}
    {
    }
    void add(const std::string &labels, double value) { text_ += std::format("{}{{{}}} {:.15g}\n", name_, labels, value); }
    [[nodiscard]] const std::string &text() const noexcept { return text_; }

private:
    std::string name_, text_;
};

/// 1 for the outcome that it was, and 0 for the others: so that an alert can wait for one of them.
void add_outcome(Family &family, const std::string &labels, Outcome was)
{
    for (const auto outcome : outcomes)
        family.add(labels + ',' + label("outcome", to_string(outcome)), outcome == was ? 1 : 0);
}

std::string of_jobs(std::span<const Record> records)
{
    Family ended{"igotchuu_last_run_timestamp_seconds", "When the last run of the backup ended."};
    Family took{"igotchuu_last_run_duration_seconds", "How long it took."};
    Family outcome{"igotchuu_last_run_outcome", "How it ended: 1 for that outcome."};
    Family success{"igotchuu_last_success_timestamp_seconds",
                   "When the last run that was a success ended; absent: there was none."};
    Family waits{"igotchuu_waits_since_timestamp_seconds",
                 "Since when the backup waits for what its job names; absent: it does not."};
    for (const auto &record : records) {
        const auto name = label("backup", record.job);
        if (const auto *run = last_that_ran(record)) {
            ended.add(name, seconds(run->ended));
            took.add(name, std::chrono::duration<double>{run->ended - run->started}.count());
            add_outcome(outcome, name, run->outcome);
        }
        if (record.last_success)
            success.add(name, seconds(fresh_as_of(*record.last_success)));
        if (record.waits_since)
            waits.add(name, seconds(*record.waits_since));
    }
    return ended.text() + took.text() + outcome.text() + success.text() + waits.text();
}

std::string of_repositories(std::span<const Record> records)
{
    Family outcome{"igotchuu_repository_last_run_outcome", "How the last run ended in the repository: 1 for that outcome."};
    Family files{"igotchuu_repository_processed_files", "How many files it backed up there, changed or not."};
    Family bytes{"igotchuu_repository_processed_bytes", "How many bytes those have."};
    Family added{"igotchuu_repository_added_bytes", "How many bytes it added to the repository."};
    Family unreadable{"igotchuu_repository_unreadable_files", "How many files could not be read."};
    Family held{"igotchuu_retention_held", "1: old backups stay there, since removing them was refused; 0: it was not."};
    Family proven{"igotchuu_repository_proven_timestamp_seconds",
                  "When a backup there was last compared with its source, and was the same; absent: never."};
    Family instant{"igotchuu_repository_proven_instant_timestamp_seconds", "As of when what that backup holds is."};
    Family compared{"igotchuu_repository_proven_files",
                    "How many of its files were compared: all of them (full), or those that were restored (sample)."};
    for (const auto &record : records) {
        for (const auto &last : record.proven) {
            const auto names = label("backup", record.job) + ',' + label("repository", last.repository);
            proven.add(names, seconds(last.proven));
            instant.add(names, seconds(last.instant));
            compared.add(names + ',' + label("extent", to_string(last.extent)),
                         static_cast<double>(last.extent == Extent::full ? last.files : last.restored));
        }
        for (const auto &result : last_retentions(record))
            held.add(label("backup", record.job) + ',' + label("repository", result.repository),
                     result.retention->hold == Hold::none || result.retention->hold == Hold::locked ? 0 : 1);
        for (const auto &result : last_results(record)) {
            const auto names = label("backup", record.job) + ',' + label("repository", result.repository);
            add_outcome(outcome, names, result.outcome);
            files.add(names, static_cast<double>(result.summary.total_files_processed));
            bytes.add(names, static_cast<double>(result.summary.total_bytes_processed));
            added.add(names, static_cast<double>(result.summary.data_added));
            unreadable.add(names, static_cast<double>(result.errors));
        }
    }
    return outcome.text() + files.text() + bytes.text() + added.text() + unreadable.text() + held.text() + proven.text() +
           instant.text() + compared.text();
}

std::string of_maintenance(std::span<const RepositoryRecord> repositories)
{
    Family ended{"igotchuu_maintenance_last_run_timestamp_seconds", "When the last maintenance of the repository ended."};
    Family outcome{"igotchuu_maintenance_last_run_outcome", "How it ended: 1 for that outcome."};
    Family success{"igotchuu_maintenance_last_success_timestamp_seconds",
                   "When the last maintenance that was a success ended; absent: there was none."};
    Family damaged{"igotchuu_repository_damaged", "1: the last check found faults; 0: it found none."};
    Family recovery{"igotchuu_repository_recovery_key_confirmed",
                    "1: somebody has shown to have the recovery key; 0: nobody has; absent: there is none."};
    for (const auto &record : repositories) {
        const auto name = label("repository", record.repository);
        if (!record.history.empty()) {
            ended.add(name, seconds(record.history.front().ended));
            add_outcome(outcome, name, record.history.front().outcome);
            damaged.add(name, record.damaged ? 1 : 0);
        }
        if (record.last_success)
            success.add(name, seconds(record.last_success->ended));
        if (record.recovery_key)
            recovery.add(name, record.recovery_key->confirmed ? 1 : 0);
    }
    return ended.text() + outcome.text() + success.text() + damaged.text() + recovery.text();
}

} // namespace

std::string metrics_of(std::span<const Record> records, std::span<const RepositoryRecord> repositories)
{
    return of_jobs(records) + of_repositories(records) + of_maintenance(repositories);
}

void write_metrics(const std::filesystem::path &file, const StateDirectories &where)
{
    const auto text = metrics_of(read_records(where), read_repository_records(where));
    const auto temporary = file.parent_path() / ("." + file.filename().native() + ".new"); // the collector takes *.prom
    const Fd written{open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644)};
    if (!written || fchmod(written.get(), 0644) < 0 || ::write(written.get(), text.data(), text.size()) != std::ssize(text))
        fail(errno, "cannot write {}", temporary.native());
    if (rename(temporary.c_str(), file.c_str()) < 0)
        fail(errno, "cannot write {}", file.native());
}

void watch_metrics(const std::filesystem::path &file, const StopRequest &stop, const StateDirectories &where)
{
    const Fd inotify{inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
    for (const auto &directory : {where.records, where.repositories}) // a record is written beside its place, and renamed
        if (!inotify || inotify_add_watch(inotify.get(), directory.c_str(), IN_ONLYDIR | IN_MOVED_TO | IN_DELETE) < 0)
            fail(errno, "cannot watch {}", directory.native());
    std::array<pollfd, 2> polled{{{inotify.get(), POLLIN, 0}, {stop.fd(), POLLIN, 0}}};
    std::array<char, 16'384> events; // what they say is of no interest
    while (!stop.asked()) {
        while (read(inotify.get(), events.data(), events.size()) > 0)
            ;
        write_metrics(file, where);
        if (poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR)
            fail(errno, "cannot wait for records");
    }
}

} // namespace igotchuu
