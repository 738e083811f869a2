// SPDX-License-Identifier: MIT
#pragma once

#include "com.nyantec.igotchuu.Manager1-adaptor.hpp"
#include "dbus/job-object.hpp"
#include "dbus/services.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace igotchuu
{

/// com.nyantec.igotchuu.Manager1, and the objects of the jobs.
class Manager final : public sdbus::AdaptorInterfaces<com::nyantec::igotchuu::Manager1_adaptor, sdbus::ObjectManager_adaptor>
{
public:
    explicit Manager(const Services &services);
    ~Manager() { unregisterAdaptor(); }
    Manager(const Manager &) = delete;
    Manager &operator=(const Manager &) = delete;

    void load(); ///< the jobs that files describe, as they are now, those that do something without one, and when they run next
    void timer_changed(const sdbus::ObjectPath &timer);
    JobObject &job(const std::string &instance); ///< its object; a job that no file describes gets one

    [[nodiscard]] bool idle() const noexcept { return reloading_.empty() && waiting_.empty(); }

private:
    using JobRow = sdbus::Struct<std::string, std::string, sdbus::ObjectPath>;

    std::vector<JobRow> ListJobs() override;
    std::vector<std::string> ListRepositories() override;
    sdbus::ObjectPath GetJob(const std::string &name) override;
    void Start(sdbus::Result<> &&result, std::string name) override;
    void Reload(sdbus::Result<> &&result) override;
    std::string Version() override { return IGOTCHUU_VERSION; }

    JobObject &find(const std::string &name); ///< throws NoSuchJob
    JobObject &add(const JobName &job, bool configured);
    void ask_timers();
    void reload();
    void reloaded(const std::optional<sdbus::Error> &failure);

    const Services &services_;
    std::map<std::string, std::unique_ptr<JobObject>> jobs_; ///< by instance
    std::string unreadable_; ///< why the files could not be read when they last should have been; empty: they were
    bool serving_ = false; ///< the first load is over: jobs that come and go are news
    std::map<std::string, std::string> timers_; ///< instance, by the timer's object
    std::vector<Answer<>> reloading_, waiting_; ///< those whom the reload under way answers, and those who came after it had begun
};

} // namespace igotchuu
