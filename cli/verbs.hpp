// SPDX-License-Identifier: MIT
#pragma once

#include "cli/retrieve/chosen-snapshot.hpp"
#include "cli/retrieve/retrieval.hpp"

#include <string>
#include <vector>

namespace igotchuu
{

// What a person types after `igotchuu`. Each returns the exit status, and throws std::exception for main to print.

struct StatusRequest {
    std::vector<std::string> jobs{}; ///< empty: all
    bool json = false;
    bool one_screen = false; ///< no more than the terminal shows; and 0 whatever the jobs are like
};
/// Exits as a plug-in of a monitoring does, see Severity.
[[nodiscard]] int show_status(const StatusRequest &request);

struct ReportRequest {
    std::vector<std::string> jobs{}; ///< empty: all
    std::string html{}; ///< the file that gets a page; empty: none
    bool json = false;
};
/// What came of runs over months: charts, unless a page or JSON is asked for.
[[nodiscard]] int show_report(const ReportRequest &request);

// What is done to one job is not kept back by what goes wrong with another.
[[nodiscard]] int start_jobs(const std::vector<std::string> &jobs);
[[nodiscard]] int stop_jobs(const std::vector<std::string> &jobs);

/// Until all are over; of no job: those that run now. Ctrl-C ends the watching alone.
[[nodiscard]] int watch_jobs(const std::vector<std::string> &jobs);
/// Starts it, watches it, and exits as the run does.
[[nodiscard]] int run_job(const std::string &job);

struct LogRequest {
    std::string job{};
    bool all = false; ///< of all runs, not of the last one
    bool follow = false;
};
[[nodiscard]] int show_log(const LogRequest &request);

struct RetentionRequest {
    std::string job{};
    bool explain = false; ///< of each snapshot why it stays or goes
    bool json = false; ///< the same, as JSON; not with `explain`
    bool confirm = false; ///< what would go is removed, though it may be held; with neither of them
};
/// What the job's rules would remove, and whether and why that is held: igotchuu-exec retention.
[[nodiscard]] int show_retention(const RetentionRequest &request);

struct ValidateRequest {
    std::vector<std::string> files{}; ///< empty: all
    bool json = false;
};
[[nodiscard]] int validate(const ValidateRequest &request);

/// Whether root is asked, on a terminal, about instants that are kept of a job whose file is gone; not who has only made or edited a job.
enum class Orphans { are_asked_about, are_left };
/// All that `systemctl daemon-reload` does not do by itself: timers of new files, timers of files that are gone, what systemd did not understand.
[[nodiscard]] int reload(Orphans orphans);

struct ShowRequest {
    std::string job{};
    bool json = false;
};
/// Every key of a job that has a value, and where that comes from.
[[nodiscard]] int show_job(const ShowRequest &request);

/// What the generator makes of its file, and when that starts it.
[[nodiscard]] int show_units(const std::string &job);

/// Lets a person change the job's file in an editor. It takes its place when there is no fault in it.
[[nodiscard]] int edit_job(const std::string &job);

struct NewRequest {
    std::string job{};
    std::vector<std::string> sources{};
    std::vector<std::string> repositories{}, exclude{}; ///< empty: on a terminal the first is asked for
    std::string calendar{}; ///< empty: on a terminal it is asked for
    std::string snapshot{}; ///< the key; empty: "auto", where that can freeze the sources
    std::vector<std::string> live{}; ///< the key
    bool run = false; ///< at once, too
};
/// Writes the job's file, and makes it count.
[[nodiscard]] int new_job(const NewRequest &request);

struct DoctorRequest {
    bool json = false;
};
/// What will hurt later, and what to do. Exits with 0 when nothing will, with 1 when something that it finds is critical, else with 3.
[[nodiscard]] int examine_machine(const DoctorRequest &request);

// The worst day. Each says on standard error what it could not look into, and exits with 3 for that.

struct SnapshotsRequest {
    RepositoryChoice where{};
    bool json = false;
};
/// Of a job, or of a repository: the newest first.
[[nodiscard]] int show_snapshots(const SnapshotsRequest &request);

struct MigrateRequest {
    std::string from{}; ///< empty: the first igotchuu
    std::string file{}; ///< empty: /etc/igotchuu.toml
    bool write = false; ///< without it, a person on a terminal is asked
};
/// Shows what the configuration of another program comes to, file by file, and what of it does not; and writes that.
[[nodiscard]] int migrate_jobs(const MigrateRequest &request);

struct RestoreRequest {
    RepositoryChoice where{};
    std::vector<std::string> paths{};
    SnapshotChoice which{};
    std::string to{}; ///< a directory; empty: to where they were
    std::string as{}; ///< a user; empty: root
    std::string overwrite{"older"};
    bool dry_run = false, yes = false;
};
/// Shows what would become of what is there, asks, and does it.
[[nodiscard]] int restore(const RestoreRequest &request);

struct ListRequest {
    RepositoryChoice where{};
    SnapshotChoice which{};
    std::string path{}; ///< empty: what was backed up
    bool recursive = false;
    bool json = false;
};
/// As `ls -l` would show a directory of a snapshot.
[[nodiscard]] int list_stored(const ListRequest &request);

struct FindRequest {
    RepositoryChoice where{};
    std::vector<std::string> patterns{}; ///< restic's
    bool json = false;
};
/// Each path that fits in any snapshot, once. Exits with 1 where none does.
[[nodiscard]] int find_stored(const FindRequest &request);

struct DiffRequest {
    RepositoryChoice where{};
    std::vector<std::string> words{}; ///< up to two snapshots, by the begins of their ids, and a path
    bool json = false;
};
/// What is in one of two snapshots, or other in it; of the last two, where none is named.
[[nodiscard]] int diff_stored(const DiffRequest &request);

struct VersionsRequest {
    RepositoryChoice where{};
    std::string file{}; ///< empty: it stands where the job would
    bool json = false;
};
/// Each different state of a file that a snapshot has. Exits with 1 where none has it.
[[nodiscard]] int show_versions(const VersionsRequest &request);

struct AuditRequest {
    RepositoryChoice where{};
    bool json = false;
};
/// What of a job's sources is not in its newest snapshot, and why; and what has grown.
[[nodiscard]] int audit_job(const AuditRequest &request);

struct MountRequest {
    RepositoryChoice where{};
    std::string directory{}; ///< empty: it stands where the job would
};
/// Shows all snapshots as directories until a stop comes, or somebody unmounts them.
[[nodiscard]] int mount_snapshots(const MountRequest &request);

/// For editors: of a "job", a "repository" or "notify".
[[nodiscard]] int print_schema(const std::string &kind);

} // namespace igotchuu
