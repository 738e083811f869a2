// SPDX-License-Identifier: MIT
#pragma once

#include "job/job.hpp"
#include "job/state-files.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace igotchuu
{

/// Everything that a maintenance says, on the channels that a backup's Report has.
class MaintenanceReport
{
public:
    /// Writes "maintenance started".
    MaintenanceReport(const Repository &repository, std::string_view instance, const std::string &invocation_id,
                      StateDirectories where = {});
    ~MaintenanceReport();
    MaintenanceReport(const MaintenanceReport &) = delete;
    MaintenanceReport &operator=(const MaintenanceReport &) = delete;

    void step(const std::string &what); ///< "pruning": what is done from here on
    void progress(std::string_view words); ///< restic's, of how far the step is
    void complaint(const std::string &line); ///< restic's: what is wrong with the repository, a word of its own
    void stands_still(pid_t process, int signal); ///< restic does; said once
    void detail(const std::string &what); ///< for the journal alone, for debugging
    void unlocked(std::size_t locks); ///< restic was asked to remove the stale ones of so many
    void damaged(const std::string &sentence); ///< restic check has found faults
    void recovery_key_unconfirmed(); ///< there is one, and nobody is known to have it
    void recovery_key_gone(const std::string &sentence); ///< the one that was known is not in the repository any more

    /// The one final word on every channel, and the record, to which the run is added; `run.started` and `run.ended` are filled in here. At most once.
    void finish(RepositoryRecord record, MaintenanceRun run);

private:
    struct Channels;
    std::unique_ptr<Channels> channels_;
};

/// Adds a run to the history. Of tries that were all "not now" the first stays, and the last.
void add(RepositoryRecord &record, const MaintenanceRun &run);
/// Since when each try was "not now"; nothing: the last one was not.
[[nodiscard]] std::optional<Clock::time_point> waits_since(const RepositoryRecord &record);

/// "Maintenance of nas complete: 1.2 GiB freed, part 3 of 20 read and checked, in 4.2 s". `name` is printable.
[[nodiscard]] std::string maintenance_sentence(std::string_view name, const MaintenanceRun &run);

/// A repository that could not be loaded, or is not to be maintained: every diagnostic is printed and logged, and the record says bad configuration.
void report_bad_repository(std::string_view instance, const std::string &invocation_id, const std::string &text,
                           const StateDirectories &where = {});

/// A maintenance that ended without a word of its own, unless the record has it: it was killed, or could not even begin.
void report_silent_maintenance(std::string_view instance, const std::string &invocation_id, Outcome outcome, const std::string &why,
                               const StateDirectories &where = {});

} // namespace igotchuu
