// SPDX-License-Identifier: MIT
#pragma once

#include "cli/table.hpp"
#include "job/state.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace igotchuu
{

enum class Doing {
    idle,
    waiting, ///< for a disk, a network, an hour: systemd tries it again by itself
    starting,
    running,
    stopping,
};
[[nodiscard]] std::string_view to_string(Doing doing);

/// What is known of the timer of a job.
struct Schedule {
    enum class State {
        unknown, ///< systemd could not be asked, or whether the file asks for one may not be seen
        none, ///< its file asks for none
        off, ///< its file asks for one, and it does not run
        on,
    };
    State state = State::unknown;
    std::optional<Clock::time_point> next{}; ///< when it starts the job
    std::optional<Clock::time_point> last{}; ///< when it did so
    bool last_is_stamped = false; ///< `last` is of the timer's stamp: it has not fired since it runs, and maybe never
    bool never_again = false; ///< its calendar has no next time
};

/// The numbers are the exit statuses of plug-ins of a monitoring: the one exception to job/exit-status.hpp.
enum class Severity { fine = 0, warning = 1, critical = 2, unknown = 3 };

/// What is wrong with a job beside its runs.
struct Trouble {
    Severity severity;
    std::string why; ///< a sentence, with what to do
};

/// How it is with a job, as far as whoever asks may know.
struct Standing {
    std::string name{}; ///< as its file is called; of one without a file: its instance
    std::string instance{};
    bool has_file = true;
    bool is_orphan = false; ///< it has run with a file, which is gone
    std::string fault{}; ///< why its file cannot be used: the first of all reasons
    std::optional<bool> wants_timer{}; ///< its file asks for one; nothing: whoever asks may not read all of its files
    std::chrono::hours objective{}; ///< as in Job
    std::vector<std::string> repositories{}; ///< their names; empty: they are not known
    bool is_to_be_proved = false; ///< its file has the key `prove`
    std::vector<Trouble> troubles{};
    std::vector<std::string> unconfirmed{}; ///< its repositories whose recovery key nobody has confirmed
    bool past_is_known = true; ///< else what follows about runs that are over says nothing
    Doing doing = Doing::idle;
    std::optional<Activity> activity{}; ///< of the run under way
    std::optional<Outcome>
        outcome{}; ///< of the last run, as last_own_run() has it, and so are the next four; nothing: it never ran
    Clock::time_point started{}, ended{};
    std::string message{}, invocation_id{};
    std::optional<Run> ran{}; ///< as last_that_ran() has it, where that is another one; over the bus without its message
    std::optional<Run> sent{}; ///< the newest run that could run, where it sent a kept instant; over the bus that is not seen
    std::optional<Clock::time_point> last_success{}, waits_since{};
    std::optional<Clock::time_point> last_proven{}; ///< as proven_everywhere() has it
    std::vector<LastProven> proven{}; ///< as proven_in() has them
    std::vector<KeptInstant> kept{}; ///< for repositories that are absent, as far as whoever asks may see
    std::vector<RepositoryResult> retentions{}; ///< as last_retentions() has them; over the bus without the reasons
    Schedule schedule{};
};

[[nodiscard]] std::string_view to_string(Severity severity);

struct Verdict {
    Severity severity = Severity::fine;
    bool late =
        false; ///< its timer has started it, and no success has come of that; or its newest backup is older than its file allows
    std::string why{}; ///< a sentence, with what to do; empty when all is fine
};
[[nodiscard]] Verdict judge(const Standing &standing, Clock::time_point now);

struct Judged {
    Standing standing;
    Verdict verdict;
};
/// Worst first: by severity, then whose last success is the oldest, then by name.
[[nodiscard]] std::vector<Judged> worst_first(std::vector<Standing> standings, Clock::time_point now);

/// Of all of them: critical, then warning, then unknown. Of no job at all: unknown, since a machine without a job has no backup.
[[nodiscard]] Severity worst_of(const std::vector<Judged> &jobs);

/// "critical: 1 of 3 jobs (photos); warning: 1 (home)". One line, as a monitoring shows it.
[[nodiscard]] std::string summary(const std::vector<Judged> &jobs);

/// What a person reads who has no job yet.
[[nodiscard]] std::string_view welcome();

/// A row for each job, below one of headings.
[[nodiscard]] Table table_of(const std::vector<Judged> &jobs, Clock::time_point now);

/// Of each repository of a job what was proven there, when, and how far: "proven in nas 3 h ago: full, …". Of one in which nothing was, where the job asks for it: that.
[[nodiscard]] std::vector<std::string> proofs_of(const Standing &job, Clock::time_point now);

/// One object on one line; igotchuu(1) "JSON" describes it.
[[nodiscard]] std::string to_json(const std::vector<Judged> &jobs);

[[nodiscard]] std::string ago(Clock::duration age); ///< "just now", "14 min ago", "3 h ago", "9 d ago"
[[nodiscard]] std::string until(Clock::duration left); ///< "in 5 h", "now"

} // namespace igotchuu
