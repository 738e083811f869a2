// SPDX-License-Identifier: MIT
#include "dbus/job-object.hpp"

#include "dbus/errors.hpp"
#include "job/diagnostic.hpp"
#include "job/load.hpp"
#include "job/unit-name.hpp"
#include "methods.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace igotchuu
{
namespace
{

std::uint64_t timestamp(Clock::time_point time)
{
    return static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count()));
}

std::vector<std::string> printable_lines(const std::vector<std::string> &lines)
{
    std::vector<std::string> printed;
    for (const std::string &line : lines)
        printed.push_back(printable(line));
    return printed;
}

/// What was said of each repository is in that of the run.
std::vector<std::string> messages_of(const Run &run)
{
    return run.message.empty() ? std::vector<std::string>{} : std::vector{printable(run.message)};
}

} // namespace

JobObject::JobObject(const Services &services, JobName job, bool configured)
    : AdaptorInterfaces{services.bus, object_path(job.instance)}, services_{services}, job_{std::move(job)}, configured_{configured}
{
    registerAdaptor();
    state_ = State();
    phase_ = Phase();
    repository_ = Repository();
}

// --- what others tell it --------------------------------------------------------------------------------------------------------------

void JobObject::began(const Activity &activity)
{
    shown_ = {};
    tell(changes(), {"InvocationID", "StartedTimestamp", "SecondsElapsed", "SecondsRemaining", "PercentDone", "TotalFiles",
                     "FilesDone", "TotalBytes", "BytesDone", "ErrorCount"});
    emitRunStarted(activity.invocation_id);
}

void JobObject::progressed(const Activity &activity)
{
    if (!activity.progress || *activity.progress == shown_)
        return tell(changes());
    shown_ = *activity.progress;
    tell(changes(),
         {"SecondsElapsed", "SecondsRemaining", "PercentDone", "TotalFiles", "FilesDone", "TotalBytes", "BytesDone", "ErrorCount"});
    emitProgress(shown_.seconds_elapsed, shown_.seconds_remaining, shown_.percent_done, shown_.total_files, shown_.files_done,
                 shown_.total_bytes, shown_.bytes_done, shown_.error_count);
}

void JobObject::ended(const Run &run)
{
    Past &known = past();
    if (auto record = services_.runs.newest(job_.instance)) // the run's own proofs are in it by now
        known = Past{std::move(*record)};
    if (!known.last || known.last->invocation_id != run.invocation_id)
        known.add(run);
    tell(changes(), {"InvocationID", "StartedTimestamp", "SecondsElapsed", "SecondsRemaining", "PercentDone", "TotalFiles",
                     "FilesDone", "TotalBytes", "BytesDone", "ErrorCount", "LastResult", "LastInvocationID", "LastStartedTimestamp",
                     "LastEndedTimestamp", "LastRan", "LastRepositories", "LastSuccessTimestamp", "LastProven", "LastRetention"});
    emitRunEnded(run.invocation_id, std::string{to_string(run.outcome)},
                 timestamp(run.ended) - std::min(timestamp(run.ended), timestamp(run.started)));
}

void JobObject::recorded(const Record &record)
{
    if (!past_)
        return; // nobody has asked for it
    Past now{record};
    if (past_->last && (!now.last || now.last->started < past_->last->started))
        now.add(*past_->last); // it left no record, and was told all the same
    const Past before = std::exchange(*past_, std::move(now));
    std::vector<sdbus::PropertyName> changed;
    const auto compare = [&](auto Past::*what, std::initializer_list<const char *> names) {
        if (before.*what != (*past_).*what)
            changed.insert(changed.end(), names.begin(), names.end());
    };
    compare(&Past::last, {"LastResult", "LastInvocationID", "LastStartedTimestamp", "LastEndedTimestamp"});
    compare(&Past::ran, {"LastRan"});
    compare(&Past::repositories, {"LastRepositories"});
    compare(&Past::last_success, {"LastSuccessTimestamp"});
    compare(&Past::proven, {"LastProven"});
    compare(&Past::retentions, {"LastRetention"});
    tell(std::move(changed));
}

void JobObject::unit_changed()
{
    tell(changes());
}

void JobObject::next_run(std::uint64_t timestamp)
{
    if (std::exchange(next_run_, timestamp) != timestamp)
        tell({}, {"NextRunTimestamp"});
}

std::vector<sdbus::PropertyName> JobObject::changes()
{
    std::vector<sdbus::PropertyName> changed;
    const auto compare = [&changed](const char *name, std::string &told, std::string now) {
        if (std::exchange(told, std::move(now)) != told)
            changed.emplace_back(name);
    };
    compare("State", state_, State());
    compare("Phase", phase_, Phase());
    compare("Repository", repository_, Repository());
    return changed;
}

void JobObject::tell(std::vector<sdbus::PropertyName> changed, std::initializer_list<const char *> more)
{
    for (const char *property : more)
        changed.emplace_back(property);
    if (!changed.empty())
        getObject().emitPropertiesChangedSignal(INTERFACE_NAME, changed);
}

// --- methods --------------------------------------------------------------------------------------------------------------------------

void JobObject::start(Right right, const Answer<> &answer)
{
    if (!configured_)
        return answer->returnError(error::make(error::not_configured,
                                               "no file describes job {}, so only systemd may start it: systemctl start '{}'",
                                               job_.name, service_of(job_.instance)));
    igotchuu::start(services_, job_, right, answer);
}

void JobObject::Start(sdbus::Result<> &&result)
{
    start(method::job1_start, answer_with(std::move(result)));
}
void JobObject::Stop(sdbus::Result<> &&result)
{
    stop(services_, job_, method::job1_stop, answer_with(std::move(result)));
}

void JobObject::GetSources(sdbus::Result<std::vector<std::string>> &&result)
{
    services_.authorization.ask(
        Caller::of_current_call(services_.bus), method::job1_get_sources, job_.name,
        [job = job_, answer = answer_with(std::move(result))](const std::optional<sdbus::Error> &refused) {
            if (refused)
                return answer->returnError(*refused);
            try {
                answer->returnResults(printable_lines(load_job(SearchPath::standard(), job.instance).sources));
            } catch (const std::exception &error) {
                answer->returnError(
                    error::make(error::bad_configuration, "job {} cannot be read: {}", job.name, printable(error.what())));
            }
        });
}

void JobObject::GetLastMessages(sdbus::Result<std::vector<std::string>> &&result)
{
    services_.authorization.ask(Caller::of_current_call(services_.bus), method::job1_get_last_messages, job_.name,
                                [&runs = services_.runs, instance = job_.instance,
                                 answer = answer_with(std::move(result))](const std::optional<sdbus::Error> &refused) {
                                    if (refused)
                                        return answer->returnError(*refused);
                                    const auto record = runs.newest(instance);
                                    const auto *run = record ? last_own_run(*record) : nullptr;
                                    answer->returnResults(run != nullptr ? messages_of(*run) : std::vector<std::string>{});
                                });
}

// --- properties -----------------------------------------------------------------------------------------------------------------------

std::string JobObject::State()
{
    return std::string{services_.runs.state(job_.instance)};
}
std::string JobObject::Unit()
{
    return service_of(job_.instance);
}

std::string JobObject::Phase()
{
    const Activity *activity = services_.runs.activity(job_.instance);
    return activity == nullptr ? std::string{} : std::string{to_string(activity->phase)};
}

std::string JobObject::Repository()
{
    const Activity *activity = services_.runs.activity(job_.instance);
    return activity == nullptr ? std::string{} : activity->repository;
}

std::string JobObject::InvocationID()
{
    const Activity *activity = services_.runs.activity(job_.instance);
    return activity == nullptr ? std::string{} : activity->invocation_id;
}

std::uint64_t JobObject::StartedTimestamp()
{
    const Activity *activity = services_.runs.activity(job_.instance);
    return activity == nullptr ? 0 : timestamp(activity->started);
}

igotchuu::Progress JobObject::progress() const
{
    const Activity *activity = services_.runs.activity(job_.instance);
    return activity == nullptr ? igotchuu::Progress{} : activity->progress.value_or(igotchuu::Progress{});
}

JobObject::Past::Past(Record record)
    : repositories{last_results(record)}, last_success{record.last_success ? timestamp(fresh_as_of(*record.last_success)) : 0},
      retentions{last_retentions(record)}
{
    if (const auto *run = last_own_run(record))
        last = *run;
    if (const auto *run = last_that_ran(record))
        ran = *run;
    proven = std::move(record.proven);
}

void JobObject::Past::add(const Run &run)
{
    if (succeeded(run))
        last_success = std::max(last_success, timestamp(fresh_as_of(run)));
    if (last && !run.kept_run.empty())
        return;
    last = run;
    if (!ran || run.outcome != Outcome::not_now)
        ran = run;
    repositories = run.repositories;
}

JobObject::Past &JobObject::past()
{
    if (!past_)
        past_.emplace(services_.runs.newest(job_.instance).value_or(Record{}));
    return *past_;
}

std::string JobObject::LastResult()
{
    return past().last ? std::string{to_string(past().last->outcome)} : std::string{};
}
std::string JobObject::LastInvocationID()
{
    return past().last ? past().last->invocation_id : std::string{};
}
std::uint64_t JobObject::LastStartedTimestamp()
{
    return past().last ? timestamp(past().last->started) : 0;
}
std::uint64_t JobObject::LastEndedTimestamp()
{
    return past().last ? timestamp(past().last->ended) : 0;
}

JobObject::RanRow JobObject::LastRan()
{
    const auto run = past().ran.value_or(Run{});
    return RanRow{past().ran ? std::string{to_string(run.outcome)} : std::string{}, run.invocation_id, timestamp(run.started),
                  timestamp(run.ended)};
}

std::vector<JobObject::RepositoryRow> JobObject::LastRepositories()
{
    std::vector<RepositoryRow> rows;
    for (const auto &[repository, outcome, message, errors, summary, unchanged_since, retention, proof] : past().repositories)
        rows.emplace_back(printable(repository), std::string{to_string(outcome)}, errors, summary.files_new, summary.files_changed,
                          summary.files_unmodified, summary.dirs_new, summary.dirs_changed, summary.dirs_unmodified,
                          summary.data_blobs, summary.tree_blobs, summary.data_added, summary.total_files_processed,
                          summary.total_bytes_processed, summary.total_duration, printable(summary.snapshot_id));
    return rows;
}

std::vector<JobObject::ProvenRow> JobObject::LastProven()
{
    std::vector<ProvenRow> rows;
    for (const auto &last : past().proven)
        rows.emplace_back(printable(last.repository), timestamp(last.proven), timestamp(last.instant), printable(last.snapshot_id),
                          std::string{to_string(last.extent)}, last.files, last.bytes, last.restored);
    return rows;
}

std::vector<JobObject::RetentionRow> JobObject::LastRetention()
{
    std::vector<RetentionRow> rows;
    for (const auto &result : past().retentions)
        rows.emplace_back(printable(result.repository), std::string{to_string(result.retention->hold)}, result.retention->kept,
                          result.retention->planned, result.retention->removed);
    return rows;
}

} // namespace igotchuu
