// SPDX-License-Identifier: MIT
#include "dbus/legacy.hpp"

#include "dbus/errors.hpp"
#include "job/diagnostic.hpp"
#include "job/state-json.hpp"
#include "methods.hpp"

#include <algorithm>
#include <utility>

namespace igotchuu
{
namespace
{

/// The first that has one, else an empty one.
Summary summary_of(const Run &run)
{
    const auto found =
        std::ranges::find_if(run.repositories, [](const RepositoryResult &result) { return !result.summary.snapshot_id.empty(); });
    return found == run.repositories.end() ? Summary{} : found->summary;
}

} // namespace

/// A Stop under way: the caller is asked about for one job after another, since a person may have to answer.
struct Legacy::StopAll {
    Answer<> answer;
    Caller caller;
    std::vector<std::string> left;
    std::size_t stopped = 0;
    std::optional<sdbus::Error> refused{}; ///< the last time
};

Legacy::Legacy(const Services &services) : AdaptorInterfaces{services.bus, sdbus::ObjectPath{root_path}}, services_{services}
{
    registerAdaptor();
}

void Legacy::Stop(sdbus::Result<> &&result)
{
    static_assert(method::igotchuu1_stop == method::igotchuu2_stop);
    auto answer = answer_with(std::move(result));
    auto running = services_.runs.running();
    if (running.empty())
        return answer->returnError(error::make(error::not_running, "no backup runs, so there is nothing to stop"));
    stop_next(std::make_shared<StopAll>(std::move(answer), Caller::of_current_call(services_.bus), std::move(running)));
}

void Legacy::stop_next(const std::shared_ptr<StopAll> &all)
{
    if (all->left.empty())
        return all->stopped == 0 && all->refused ? all->answer->returnError(*all->refused) : all->answer->returnResults();
    const std::string instance = all->left.back();
    all->left.pop_back();
    const Activity *activity = services_.runs.activity(instance);
    const JobName job = job_on_bus(activity == nullptr ? std::string{} : activity->job, instance);
    services_.authorization.ask(all->caller, method::igotchuu1_stop, job.name,
                                [this, all, job](const std::optional<sdbus::Error> &refused) {
                                    if (refused) {
                                        all->refused = refused;
                                        if (refused->getName() == error::polkit_unavailable)
                                            all->left.clear(); // or its silence is waited for once a job
                                        return stop_next(all);
                                    }
                                    stop_unit(services_, job, [this, all](const std::optional<sdbus::Error> &failure) {
                                        if (failure)
                                            all->refused = failure;
                                        else
                                            ++all->stopped;
                                        stop_next(all);
                                    });
                                });
}

void Legacy::began()
{
    igotchuu1_adaptor::emitBackupStarted();
    igotchuu2_adaptor::emitBackupStarted();
}

void Legacy::progressed(const std::string &instance, const Activity &activity)
{
    if (!activity.progress || std::exchange(told_[instance], *activity.progress) == *activity.progress)
        return;
    const Progress &now = *activity.progress;
    igotchuu1_adaptor::emitProgress(restic_status(now));
    igotchuu2_adaptor::emitProgress(now.seconds_elapsed, now.seconds_remaining, now.percent_done, now.total_files, now.files_done,
                                    now.total_bytes, now.bytes_done, now.error_count, {});
}

void Legacy::ended(const std::string &instance, const Run &run)
{
    told_.erase(instance);
    if (succeeded(run) || run.outcome == Outcome::partial) {
        const Summary summary = summary_of(run);
        igotchuu1_adaptor::emitBackupComplete();
        igotchuu2_adaptor::emitBackupComplete(summary.files_new, summary.files_changed, summary.files_unmodified, summary.dirs_new,
                                              summary.dirs_changed, summary.dirs_unmodified, summary.data_blobs, summary.tree_blobs,
                                              summary.data_added, summary.total_files_processed, summary.total_bytes_processed,
                                              summary.total_duration, printable(summary.snapshot_id), false);
    } else {
        igotchuu1_adaptor::emitError();
        igotchuu2_adaptor::emitError(std::string{to_string(run.outcome)}, "backup", "");
    }
}

} // namespace igotchuu
