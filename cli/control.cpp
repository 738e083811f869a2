// SPDX-License-Identifier: MIT
#include "cli/control.hpp"

#include "cli/igotchuud.hpp"
#include "cli/lookout.hpp"
#include "cli/password-agent.hpp"
#include "cli/shell.hpp"
#include "cli/systemd.hpp"
#include "cli/verbs.hpp"
#include "job/diagnostic.hpp"
#include "job/exit-status.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <format>
#include <iostream>
#include <unistd.h>

namespace igotchuu
{

namespace
{

std::string word_of(const JobName &job)
{
    return shell_word(printable(job.name));
}

Standing standing_of(const JobName &job)
{
    return Lookout{}.of({job}).front();
}

void start_unit(const JobName &job)
{
    const auto standing = standing_of(job);
    if (standing.doing != Doing::idle && standing.doing != Doing::waiting)
        throw Failure{std::format("job {} runs already: igotchuu watch {}", printable(job.name), word_of(job))};
    Systemd systemd;
    const auto unit = service_of(job.instance);
    if (standing.doing == Doing::waiting)
        systemd.restart(unit);
    else
        systemd.start(unit);
}

void stop_unit(const JobName &job)
{
    Systemd systemd;
    const auto units = systemd.units({service_of(job.instance), send_service_of(job.instance)});
    bool stopped = false;
    for (const auto &unit : units)
        if ((unit.active_state != "inactive" && unit.active_state != "failed") || unit.has_job) {
            systemd.stop(unit.name);
            stopped = true;
        }
    if (!stopped && standing_of(job).activity)
        throw Failure{
            std::format("job {} runs, but not as {}: stop it where it was started", printable(job.name), service_of(job.instance))};
    if (!stopped)
        throw Failure{std::format("job {} does not run, so there is nothing to stop", printable(job.name))};
}

/// One after the other; what goes wrong with one does not keep the others from it.
template <typename Do>
int each(const std::vector<std::string> &words, const Do &work)
{
    auto status = ExitStatus::success;
    for (const auto &job : jobs_called(words)) {
        try {
            work(job);
        } catch (const Failure &failure) {
            std::cerr << "igotchuu: " << failure.what() << '\n';
            status = ExitStatus::failed;
        } catch (const sdbus::Error &error) {
            std::cerr << std::format("igotchuu: job {}: systemd does not do that: {}\n", printable(job.name),
                                     printable(error.getMessage()));
            status = ExitStatus::failed;
        }
    }
    return static_cast<int>(status);
}

} // namespace

std::vector<JobName> jobs_called(const std::vector<std::string> &words)
{
    const auto path = SearchPath::standard();
    std::vector<JobName> jobs;
    for (const auto &word : words) {
        try {
            jobs.push_back(job_called(path, word));
        } catch (const std::system_error &) { // igotchuud knows
            jobs.push_back({word, word, {}});
        }
    }
    return jobs;
}

void start(const JobName &job)
{
    if (geteuid() == 0)
        return start_unit(job);
    Igotchuud{}.start(job.instance);
}

int start_jobs(const std::vector<std::string> &words)
{
    const PasswordAgent agent;
    return each(words, [](const JobName &job) {
        start(job);
        std::cout << std::format("{} starts: igotchuu watch {}\n", printable(job.name), word_of(job));
    });
}

int stop_jobs(const std::vector<std::string> &words)
{
    const PasswordAgent agent;
    return each(words, [](const JobName &job) {
        if (geteuid() == 0)
            stop_unit(job);
        else
            Igotchuud{}.stop(job.instance);
        std::cout << std::format("{} stops, and takes its snapshot away: igotchuu watch {}\n", printable(job.name), word_of(job));
    });
}

} // namespace igotchuu
