// SPDX-License-Identifier: MIT
#include "dbus/manager.hpp"

#include "dbus/errors.hpp"
#include "dbus/reload.hpp"
#include "job/diagnostic.hpp"
#include "job/load.hpp"
#include "job/search-path.hpp"
#include "methods.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

namespace igotchuu
{
namespace
{

/// By instance. A broken file is a job like a sound one: its unit says what is wrong.
std::map<std::string, JobName> configured_jobs()
{
    std::map<std::string, JobName> jobs;
    for (const LoadedJob &loaded : load_jobs(SearchPath::standard()).jobs) {
        const std::string name = loaded.job ? loaded.job->name : std::filesystem::path{loaded.files.front()}.stem().native();
        jobs[loaded.instance] = job_on_bus(name, loaded.instance);
    }
    return jobs;
}

} // namespace

Manager::Manager(const Services &services) : AdaptorInterfaces{services.bus, sdbus::ObjectPath{root_path}}, services_{services}
{
    registerAdaptor();
}

void Manager::load()
try {
    auto configured = configured_jobs();
    unreadable_.clear();
    std::erase_if(jobs_, [&](const auto &entry) {
        const auto &[instance, object] = entry;
        const auto found = configured.find(instance);
        const bool stays =
            found == configured.end() ? !object->configured() : object->configured() && found->second.name == object->job().name;
        if (!stays)
            object->vanishes();
        return !stays;
    });
    for (const auto &[instance, job] : configured)
        add(job, true);
    for (const std::string &instance : services_.runs.not_idle())
        job(instance);
    serving_ = true;
    ask_timers();
} catch (const std::system_error &error) { // a directory that only root may read: what runs is told all the same
    unreadable_ = printable(error.what());
    std::fprintf(stderr, "igotchuud: %s\n", unreadable_.c_str());
    serving_ = true;
}

JobObject &Manager::job(const std::string &instance)
{
    const auto known = jobs_.find(instance);
    return known != jobs_.end() ? *known->second : add(job_on_bus(services_.runs.name(instance), instance), false);
}

/// Unless it is there.
JobObject &Manager::add(const JobName &job, bool configured)
{
    auto &object = jobs_[job.instance];
    if (!object) {
        object = std::make_unique<JobObject>(services_, job, configured);
        if (serving_)
            object->appeared();
    }
    return *object;
}

void Manager::ask_timers()
{
    services_.systemd.list_timers({"igotchuu@*.timer"}, [this](const Systemd::Said<std::vector<Systemd::Timer>> &timers) {
        if (!timers)
            return; // those that were known still tell of themselves
        timers_.clear();
        for (const Systemd::Timer &timer : *timers) {
            timers_[timer.object] = timer.instance;
            timer_changed(timer.object);
        }
    });
}

void Manager::timer_changed(const sdbus::ObjectPath &timer)
{
    const auto known = timers_.find(timer);
    if (known == timers_.end())
        return;
    services_.systemd.next_elapse(timer, [this, instance = known->second](std::uint64_t next) {
        if (const auto found = jobs_.find(instance); found != jobs_.end())
            found->second->next_run(next);
    });
}

// --- methods --------------------------------------------------------------------------------------------------------------------------

JobObject &Manager::find(const std::string &name)
{
    const auto by_name = std::ranges::find(jobs_, name, [](const auto &entry) { return entry.second->job().name; });
    const auto found = by_name == jobs_.end() ? jobs_.find(name) : by_name;
    if (found == jobs_.end() && !unreadable_.empty())
        throw jobs_unreadable(unreadable_);
    if (found == jobs_.end())
        throw error::make(error::no_such_job, "there is no job \"{}\"; ListJobs has them all, and a new file counts from Reload on",
                          printable(name, 256));
    return *found->second;
}

std::vector<Manager::JobRow> Manager::ListJobs()
{
    std::vector<JobRow> rows;
    for (const auto &[instance, job] : jobs_)
        rows.emplace_back(job->job().name, job->State(), object_path(instance));
    return rows;
}

std::vector<std::string> Manager::ListRepositories()
try {
    std::vector<std::string> names;
    for (const FoundFile &file : find_files(SearchPath::standard(), "repositories"))
        names.push_back(printable(file.name));
    return names;
} catch (const std::system_error &error) {
    throw jobs_unreadable(printable(error.what()));
}

sdbus::ObjectPath Manager::GetJob(const std::string &name)
{
    return object_path(find(name).job().instance);
}

void Manager::Start(sdbus::Result<> &&result, std::string name)
{
    find(name).start(method::manager1_start, answer_with(std::move(result)));
}

void Manager::Reload(sdbus::Result<> &&result)
{
    services_.authorization.ask(Caller::of_current_call(services_.bus), method::manager1_reload, "",
                                [this, answer = answer_with(std::move(result))](const std::optional<sdbus::Error> &refused) {
                                    if (refused)
                                        return answer->returnError(*refused);
                                    waiting_.push_back(answer);
                                    if (reloading_.empty())
                                        reload();
                                });
}

/// For all who wait now; whoever comes later may have changed a file that this one does not see.
void Manager::reload()
{
    reloading_ = std::exchange(waiting_, {});
    igotchuu::reload(services_.systemd, [this](const std::optional<sdbus::Error> &failure) { reloaded(failure); });
}

void Manager::reloaded(const std::optional<sdbus::Error> &failure)
{
    ask_timers(); // some are new; the jobs were loaded when systemd had reloaded
    for (const Answer<> &answer : std::exchange(reloading_, {}))
        if (failure)
            answer->returnError(*failure);
        else
            answer->returnResults();
    if (!waiting_.empty())
        reload();
}

} // namespace igotchuu
