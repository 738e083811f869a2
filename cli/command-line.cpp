// SPDX-License-Identifier: MIT
#include "cli/command-line.hpp"

#include "cli/job-names.hpp"
#include "cli/repository/repository.hpp"
#include "cli/usage-fault.hpp"
#include "cli/verbs.hpp"
#include "job/diagnostic.hpp"

#include <format>
#include <memory>
#include <unistd.h>

namespace igotchuu
{

namespace
{

// Of --help: where what is said begins, which leaves the rest of 80 columns for it.
constexpr std::size_t beside_verbs = 14, beside_options = 24;

using Words = std::vector<std::string>;

/// The verb `name` below `parent`: `setup` gives it its options, which fill in the request that `run` gets. `footer` has an example.
template <typename Request, typename Setup>
void add_verb(CLI::App &parent, Command &chosen, const char *name, const char *line, const char *footer,
              int (*run)(const Request &), const Setup &setup)
{
    const auto request = std::make_shared<Request>();
    auto *const verb = parent.add_subcommand(name, line);
    verb->footer(footer);
    verb->formatter(std::make_shared<CLI::Formatter>());
    verb->get_formatter()->column_width(beside_options);
    setup(*verb, *request);
    verb->callback([&chosen, request, run] { chosen = [request, run] { return run(*request); }; });
}

/// Positional arguments, as --help and completion call them: a JOB, a repository's NAME, a FILE.
template <typename Value>
CLI::Option *add_words(CLI::App &verb, const char *what, Value &value, const char *line)
{
    return verb.add_option(what, value, line)->type_name("");
}

// Also as the fewest, which it does not insist on: CLI11 gives a further word to what has fewer, or else to what it splits at commas.
constexpr auto any_number = CLI::detail::expected_max_vector_size;

/// Each as it was typed: for a vector, CLI11 makes two words of "[a,b]", "ab" of "[ab]", and nothing of "{}".
CLI::Option *take_each(CLI::Option *option, Words &words)
{
    return option->take_all()->each([&words](const std::string &word) { words.push_back(word); });
}

CLI::Option *add_words(CLI::App &verb, const char *what, Words &words, const char *line)
{
    return take_each(verb.add_option(what), words)->description(line)->type_name("")->expected(any_number, any_number);
}

/// An option that may be said again.
void add_repeatable(CLI::App &verb, const char *name, Words &words, const char *type, const char *line)
{
    take_each(verb.add_option(name), words)->description(line)->type_name(type)->expected(1, any_number);
}

void needs_root()
{
    if (geteuid() != 0)
        throw Failure{"this opens the repository, which only root may: run it as root (sudo igotchuu …)"};
}

int init_as_root(const InitRequest &request)
{
    needs_root();
    return init_repository(request);
}

int confirm_as_root(const std::string &name)
{
    needs_root();
    return confirm_recovery_key(name);
}

int show_retention_as_root(const RetentionRequest &request)
{
    needs_root();
    return show_retention(request);
}

void add_repository(CLI::App &app, Command &chosen)
{
    auto *const repository = app.add_subcommand("repository", "Where backups go: make one, its two keys, and how it is with them");
    repository->require_subcommand(1);
    repository->footer("A repository is a file, /etc/igotchuu/repositories/NAME.toml; without one there\n"
                       "is \"default\", on this machine.\n"
                       "Example: igotchuu repository init nas\n"
                       "See igotchuu(1), igotchuu.repository(5).");
    add_verb<InitRequest>(
        *repository, chosen, "init", "Make what is missing of a repository, its key and its recovery key",
        "The recovery key is shown once: have pen and paper ready, or a printer.\nExample: igotchuu repository init nas | lpr",
        init_as_root, [](CLI::App &verb, InitRequest &request) {
            add_words(verb, "NAME", request.name, "the repository's name")->required();
            verb.add_flag("--new-recovery-key", request.new_recovery_key, "make a new one, in the place of the one that is there");
        });
    add_verb<std::string>(*repository, chosen, "confirm", "Confirm that the recovery key is written down: type it in",
                          "Example: igotchuu repository confirm nas", confirm_as_root, [](CLI::App &verb, std::string &name) {
                              add_words(verb, "NAME", name, "the repository's name")->required();
                          });
    add_verb<RepositoryStatusRequest>(
        *repository, chosen, "status", "Show where repositories are, their keys and their last maintenance",
        "Example: igotchuu repository status nas", show_repositories, [](CLI::App &verb, RepositoryStatusRequest &request) {
            add_words(verb, "NAME", request.name, "only this one");
            verb.add_flag("--json", request.json, "as one line of JSON");
        });
}

void add_status(CLI::App &app, Command &chosen)
{
    add_verb<StatusRequest>(
        app, chosen, "status", "Show how jobs are, the worst first; exits for a monitoring",
        "Exits with 0: all is well, 1: warning, 2: critical, 3: unknown;\nwith 64 where there is no such job.\nExample: "
        "igotchuu status home --json",
        show_status, [](CLI::App &verb, StatusRequest &request) {
            add_words(verb, "JOB", request.jobs, "only these");
            verb.add_flag("--json", request.json, "as one line of JSON");
        });
}

void add_report(CLI::App &app, Command &chosen)
{
    add_verb<ReportRequest>(app, chosen, "report", "Show what came of backups over months, as charts",
                            "As root, or as a user in the group igotchuu.\n"
                            "Example: igotchuu report home\nExample: igotchuu report --html backups.html",
                            show_report, [](CLI::App &verb, ReportRequest &request) {
                                add_words(verb, "JOB", request.jobs, "only these");
                                verb.add_option("--html", request.html, "write a page for a browser instead")->type_name("FILE");
                                verb.add_flag("--json", request.json, "as one line of JSON");
                            });
}

void add_doctor(CLI::App &app, Command &chosen)
{
    add_verb<DoctorRequest>(app, chosen, "doctor", "Look for what will hurt later, and say what helps",
                            "Exits with 0: nothing is found, 1: something critical, 3: warnings, or not\nall could be seen. It "
                            "starts and changes nothing.\n"
                            "Example: igotchuu doctor",
                            examine_machine, [](CLI::App &verb, DoctorRequest &request) {
                                verb.add_flag("--json", request.json, "as one line of JSON");
                            });
}

/// Those that start, stop and look at runs.
void add_runs(CLI::App &app, Command &chosen)
{
    const auto some = [](CLI::App &verb, Words &jobs) { add_words(verb, "JOB", jobs, "its name")->required(); };
    add_verb<Words>(app, chosen, "start", "Start backups now, and return at once",
                    "Who is not root is perhaps asked for a password.\nExample: igotchuu start home photos", start_jobs, some);
    add_verb<Words>(app, chosen, "stop", "Stop backups that run or wait; their snapshots are taken away",
                    "Who is not root is perhaps asked for a password.\nExample: igotchuu stop home", stop_jobs, some);
    add_verb<Words>(app, chosen, "watch", "Show how far backups are, until they end",
                    "Ctrl-C ends the watching, and no backup.\nExample: igotchuu watch", watch_jobs,
                    [](CLI::App &verb, Words &jobs) { add_words(verb, "JOB", jobs, "only these; else all that run"); });
    add_verb<std::string>(app, chosen, "run", "Start a backup, show how far it is, and exit as it does",
                          "Ctrl-C ends the watching, and not the backup.\nExample: igotchuu run home && systemctl poweroff",
                          run_job, [](CLI::App &verb, std::string &job) { add_words(verb, "JOB", job, "its name")->required(); });
    add_verb<LogRequest>(app, chosen, "log", "Show what the last run of a job said, by journalctl", "Example: igotchuu log home",
                         show_log, [](CLI::App &verb, LogRequest &request) {
                             add_words(verb, "JOB", request.job, "its name")->required();
                             verb.add_flag("--all", request.all, "of all its runs");
                             verb.add_flag("--follow", request.follow, "and go on showing what is said");
                         });
}

void add_retention(CLI::App &app, Command &chosen)
{
    add_verb<RetentionRequest>(
        app, chosen, "retention", "Show which old snapshots would go, and why not; or confirm it",
        "Nothing is removed without --confirm.\nExample: igotchuu retention home --explain", show_retention_as_root,
        [](CLI::App &verb, RetentionRequest &request) {
            add_words(verb, "JOB", request.job, "its name")->required();
            auto *const explain = verb.add_flag("--explain", request.explain, "and of each snapshot why it stays or goes");
            auto *const json = verb.add_flag("--json", request.json, "the same, as one line of JSON");
            json->excludes(explain);
            verb.add_flag("--confirm", request.confirm, "remove them, though it is held")->excludes(explain)->excludes(json);
        });
}

struct Nothing {
};

int reload_for(const Nothing & /*no options*/)
{
    return reload(Orphans::are_asked_about);
}

void add_migrate(CLI::App &app, Command &chosen)
{
    add_verb<MigrateRequest>(
        app, chosen, "migrate", "Make jobs of what the first igotchuu, or others, were told",
        "It shows the files that it would write, and what it leaves out and why; on a\nterminal it asks then.\n"
        "Example: igotchuu migrate /etc/igotchuu.toml\n"
        "         igotchuu migrate --from systemd-restic /etc/systemd/system/a.service",
        migrate_jobs, [](CLI::App &verb, MigrateRequest &request) {
            add_words(verb, "FILE", request.file, "what to read, else /etc/igotchuu.toml");
            verb.add_option("--from", request.from, "whose: resticprofile, borgmatic or systemd-restic")
                ->type_name("PROGRAM")
                ->check(one_of({"resticprofile", "borgmatic", "systemd-restic"}));
            verb.add_flag("--write", request.write, "and write them, unasked");
        });
}

/// Those about the files of jobs.
void add_files(CLI::App &app, Command &chosen)
{
    const auto json = "as one line of JSON";
    add_verb<NewRequest>(
        app, chosen, "new", "Make a job: writes its file, and makes it count",
        "On a terminal it asks for what was not said.\n"
        "Example: igotchuu new home /home --repository nas --calendar daily \\\n"
        "             --exclude '/home/*/.cache'",
        new_job, [](CLI::App &verb, NewRequest &request) {
            add_words(verb, "JOB", request.job, "what it shall be called")->required();
            add_words(verb, "PATH", request.sources, "the directories to back up")->required();
            add_repeatable(verb, "--repository", request.repositories, "NAME", "where to; may be said again");
            add_repeatable(verb, "--exclude", request.exclude, "PATTERN", "a pattern of what to leave out; may be said again");
            verb.add_option("--calendar", request.calendar, "when, as systemd.time(7) has it")->type_name("WHEN");
            verb.add_option("--snapshot", request.snapshot, "how it is frozen: a value of that key")->type_name("METHOD");
            verb.add_flag("--run", request.run, "and run it now");
        });
    add_verb<std::string>(app, chosen, "edit", "Change a job's file in an editor; no fault lands", "Example: igotchuu edit home",
                          edit_job, [](CLI::App &verb, std::string &job) { add_words(verb, "JOB", job, "its name")->required(); });
    add_verb<ValidateRequest>(app, chosen, "validate", "Say what is wrong with files: FILE:LINE:COLUMN, why",
                              "Exits with 78 when there is a fault.\nExample: igotchuu validate /etc/igotchuu/jobs/home.toml",
                              validate, [&](CLI::App &verb, ValidateRequest &request) {
                                  add_words(verb, "FILE", request.files, "only these; else all");
                                  verb.add_flag("--json", request.json, json);
                              });
    add_verb<Nothing>(app, chosen, "reload", "Make changed files count, and start and stop timers",
                      "Exits with 78 when systemd did not understand all of it.\nExample: igotchuu reload", reload_for,
                      [](CLI::App &, Nothing &) {});
    add_verb<ShowRequest>(app, chosen, "show", "Show all settings of a job, and where each comes from",
                          "Example: igotchuu show home", show_job, [&](CLI::App &verb, ShowRequest &request) {
                              add_words(verb, "JOB", request.job, "its name")->required();
                              verb.add_flag("--json", request.json, json);
                          });
    add_verb<std::string>(app, chosen, "units", "Show what systemd gets of a job's file, and when that runs next",
                          "The file counts as it is now, reloaded or not.\nExample: igotchuu units home", show_units,
                          [](CLI::App &verb, std::string &job) { add_words(verb, "JOB", job, "its name")->required(); });
    add_migrate(app, chosen);
    add_verb<std::string>(
        app, chosen, "schema", "Print a JSON Schema of the files, for editors", "Example: igotchuu schema job > job.schema.json",
        print_schema, [](CLI::App &verb, std::string &kind) {
            add_words(verb, "KIND", kind, "job, repository or notify")->required()->check(one_of({"job", "repository", "notify"}));
        });
}

void add_restore(CLI::App &app, Command &chosen)
{
    add_verb<RestoreRequest>(
        app, chosen, "restore", "Restore files: shows what would change, asks, and does it",
        "Nothing that is newer is overwritten unless you say so, and nothing is deleted.\n"
        "Example: igotchuu restore home /home/alice --at yesterday --to /root/back",
        restore, [](CLI::App &verb, RestoreRequest &request) {
            add_words(verb, "JOB", request.where.job, "its name, where the path does not tell it");
            add_words(verb, "PATH", request.paths, "what to restore, as it was called");
            add_snapshot_options(verb, request.which);
            verb.add_option("--to", request.to, "into this directory, else to where it was")->type_name("DIR");
            verb.add_option("--as", request.as, "with this user's rights, and as this user's files")->type_name("USER");
            verb.add_option("--overwrite", request.overwrite, "what is other here: never, older (if it is so), always")
                ->type_name("WHAT")
                ->check(one_of({"never", "older", "always"}));
            add_repository_options(verb, request.where);
            verb.add_flag("--dry-run", request.dry_run, "show what would change, and no more");
            verb.add_flag("--yes", request.yes, "do not ask");
        });
}

/// One that looks into repositories: of a JOB, with what `setup` adds to that.
template <typename Request, typename Setup>
void add_look(CLI::App &app, Command &chosen, const char *name, const char *line, const char *footer, int (*run)(const Request &),
              const char *of_job, const Setup &setup)
{
    add_verb<Request>(app, chosen, name, line, footer, run, [&](CLI::App &verb, Request &request) {
        add_words(verb, "JOB", request.where.job, of_job);
        setup(verb, request);
        add_repository_options(verb, request.where);
        verb.add_flag("--json", request.json, "as one line of JSON");
    });
}

void add_mount(CLI::App &app, Command &chosen)
{
    add_verb<MountRequest>(app, chosen, "mount", "Show all snapshots as directories, read-only, until Ctrl-C",
                           "Example: igotchuu mount home /mnt", mount_snapshots, [](CLI::App &verb, MountRequest &request) {
                               add_words(verb, "JOB", request.where.job, "its name");
                               add_words(verb, "DIR", request.directory, "where to show them: a directory that is there");
                               add_repository_options(verb, request.where);
                           });
}

/// Those for when something is lost.
void add_worst_day(CLI::App &app, Command &chosen)
{
    add_look<SnapshotsRequest>(app, chosen, "snapshots", "Show what is in the repositories of a job",
                               "Example: igotchuu snapshots home", show_snapshots, "its name",
                               [](CLI::App &, SnapshotsRequest &) {});
    add_look<ListRequest>(app, chosen, "ls", "List what is in a snapshot, as ls -l does",
                          "Without a PATH: what was backed up.\nExample: igotchuu ls home /home/alice --at yesterday", list_stored,
                          "its name; or a path, which tells it", [](CLI::App &verb, ListRequest &request) {
                              add_words(verb, "PATH", request.path, "a directory, or a file");
                              add_snapshot_options(verb, request.which);
                              verb.add_flag("--recursive", request.recursive, "and what is in the directories there");
                          });
    add_look<FindRequest>(app, chosen, "find", "Find paths by patterns, in all snapshots",
                          "Example: igotchuu find home '*.odt' '/home/alice/**/thesis*'", find_stored, "its name",
                          [](CLI::App &verb, FindRequest &request) {
                              add_words(verb, "PATTERN", request.patterns, "restic's; of a whole path when it begins with /");
                          });
    add_look<DiffRequest>(app, chosen, "diff", "Show what differs between two snapshots; else between the last two",
                          "With a PATH, which begins with / or ./, only what lies there.\nExample: igotchuu diff home /home/alice",
                          diff_stored, "its name", [](CLI::App &verb, DiffRequest &request) {
                              add_words(verb, "SNAPSHOT", request.words, "one, to compare the newest with, or two; and a PATH");
                          });
    add_look<VersionsRequest>(app, chosen, "versions", "Show every different state of a file in all snapshots",
                              "Example: igotchuu versions /home/alice/thesis.odt", show_versions,
                              "its name, where the path does not tell it",
                              [](CLI::App &verb, VersionsRequest &request) { add_words(verb, "FILE", request.file, "its path"); });
    add_look<AuditRequest>(app, chosen, "audit", "Show what of a job's sources is not in its newest backup, and why",
                           "And what has grown between the last two snapshots.\nExample: igotchuu audit home", audit_job,
                           "its name", [](CLI::App &verb, AuditRequest &) { verb.get_option("JOB")->required(); });
    add_restore(app, chosen);
    add_mount(app, chosen);
}

} // namespace

void add_verbs(CLI::App &app, Command &chosen)
{
    app.name("igotchuu");
    app.description("igotchuu: consistent backups of a running Linux, with restic and systemd.\n"
                    "Without a verb it shows how it is with the jobs.");
    app.footer("Example, the first job and its first run:  igotchuu new home /home\n"
               "See igotchuu(1), igotchuu(7).");
    app.require_subcommand(0, 1);
    app.get_formatter()->column_width(beside_verbs);
    add_status(app, chosen);
    add_report(app, chosen);
    add_doctor(app, chosen);
    add_runs(app, chosen);
    add_files(app, chosen);
    add_worst_day(app, chosen);
    add_retention(app, chosen);
    add_repository(app, chosen);
}

void check_verbs(const CLI::App &app, std::span<const std::string> words)
{
    if (words.empty() || words.front().starts_with('-'))
        return;
    const auto verbs = app.get_subcommands([](const CLI::App *) { return true; });
    if (verbs.empty())
        return;
    std::vector<std::string> names;
    for (const auto *verb : verbs) {
        if (verb->get_name() == words.front())
            return check_verbs(*verb, words.subspan(1));
        if (!verb->get_group().empty())
            names.push_back(verb->get_name());
    }
    const std::vector<std::string_view> known{names.begin(), names.end()};
    const auto near = nearest(words.front(), known);
    const auto before = app.get_parent() == nullptr ? "igotchuu" : "igotchuu " + app.get_name();
    throw UsageError{
        near.empty()
            ? std::format("there is no \"{} {}\"; {} --help lists what there is", before, printable(words.front(), 100), before)
            : std::format("there is no \"{} {}\"; did you mean \"{} {}\"?", before, printable(words.front(), 100), before, near)};
}

} // namespace igotchuu
