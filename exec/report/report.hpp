// SPDX-License-Identifier: MIT
#pragma once

#include "job/job.hpp"
#include "job/state-files.hpp"

#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>

namespace igotchuu
{

/// Everything that a run says, to everyone who listens: the journal (with message ids and fields), systemd's STATUS=, the state file, the
/// terminal (one live line and a summary) or a pipe (plain lines). A channel that fails is said once and never fails the run.
class Report
{
public:
    /// `invocation_id` as in Run. Writes "backup started". `kept`: of the kept instant that is sent.
    Report(const Job &job, const std::string &invocation_id, StateDirectories where = {},
           std::optional<Clock::time_point> kept = {});
    ~Report();
    Report(const Report &) = delete;
    Report &operator=(const Report &) = delete;

    void phase(Phase phase); ///< the run's next step; the one before ends here and its time is kept
    void repository(const std::string &name); ///< that Phase::restic serves now
    void progress(const Progress &progress);
    void complaint(const std::string &line); ///< restic's: an unreadable file, a word of its own
    void stands_still(pid_t process, int signal); ///< restic does; said once

    void reaped(const std::string &job, const std::string &run); ///< the left-over of a killed run was removed
    void stuck(const std::string &what); ///< a left-over that could not be
    void foreign(const std::string &what); ///< something in the pool that is not ours
    void frozen(const std::string &source, std::string_view method, const std::string &why); ///< method "none": it is not
    void live(const std::vector<std::string> &mount_points); ///< backed up as they are, below a source that is frozen
    void read_only_left_out(std::uint32_t count);
    void in_memory_left_out(const std::vector<std::string> &mount_points); ///< a tmpfs below a source
    void over_limit(std::uint32_t count, const std::string &limit); ///< `limit`: "nested-max = 20000"
    void waits_no_longer(const std::string &what);
    void held(std::size_t programs, std::chrono::microseconds window); ///< by the key `hold`, while the snapshots were taken
    void not_one_instant(std::uint32_t instants, std::uint32_t file_systems, std::chrono::microseconds window);
    void detail(const std::string &what); ///< for the journal alone, for debugging: what went on without (an Inhibitor's why_not())
    void repository_in_source(const std::string &name, const std::string &path); ///< it is left out of the backup
    void embedded_repository(); ///< a backup on the same disk is no backup yet

    void kept(const KeptInstant &instant); ///< for repositories that are absent
    void put_off(const KeptInstant &instant, const Wanting &one, Clock::time_point until); ///< what was sent there is disproved
    void sent(const KeptInstant &instant); ///< to the last of those
    void given_up(const KeptInstant &instant, const std::string &why); ///< somebody has not got it
    void without_job(const std::string &instance, const Kept &kept); ///< nobody sends these

    void retention(const std::string &repository, const Retention &retention); ///< what came of the job's rules there
    void proof(const RepositoryResult &result); ///< that it has; a disproof is the run's last word, too

    /// The one final word on every channel, in the record too; `run.started`, `run.ended` and `run.phases` are filled in here. At most once.
    void finish(Run run);

private:
    struct Channels;
    std::unique_ptr<Channels> channels_;
};

/// For `reap`: the run said nothing at its end. Writes the record (outcome killed), removes the activity, and says so in the journal.
/// When the record has that invocation already, it was killed while it said so: the journal gets what it lacks, and nothing twice.
void report_killed(const Activity &activity, std::string_view instance, const StateDirectories &where = {});

/// For `reap`, too: systemd could not start it, or it was killed before its first word. `outcome` is failed or killed. Nothing when the record has that
/// invocation.
void report_silent_end(std::string_view instance, const std::string &invocation_id, Outcome outcome, const std::string &why,
                       const StateDirectories &where = {});

/// A job that could not be loaded: every diagnostic is printed and logged, and the record says bad configuration. `instance` may be that of
/// no file at all.
void report_bad_configuration(std::string_view instance, const std::string &invocation_id, const std::string &text,
                              const StateDirectories &where = {});

} // namespace igotchuu
