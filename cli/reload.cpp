// SPDX-License-Identifier: MIT
#include "cli/igotchuud.hpp"
#include "cli/password-agent.hpp"
#include "cli/program.hpp"
#include "cli/systemd.hpp"
#include "cli/verbs.hpp"
#include "job/amount.hpp"
#include "job/diagnostic.hpp"
#include "job/exit-status.hpp"
#include "job/load.hpp"
#include "job/schedule.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <chrono>
#include <format>
#include <iostream>
#include <map>
#include <poll.h>
#include <unistd.h>

namespace igotchuu
{

namespace
{

constexpr auto verify = "igotchuu-verify.service";

/// By timer: whether its file surely asks for it. Of a broken file only systemd knows, since the generator has written one all the same.
std::map<std::string, bool> wanted_timers()
{
    const auto path = SearchPath::standard();
    std::map<std::string, bool> wanted;
    for (const auto &loaded : load_jobs(path).jobs)
        if (!loaded.job || !loaded.job->timer.empty())
            wanted[timer_of(loaded.instance)] = loaded.job.has_value();
    for (const auto &loaded : load_repositories(path).repositories)
        if (!loaded.repository || !loaded.repository->maintenance.timer.empty())
            wanted[maintenance_timer_of(loaded.instance)] = loaded.repository.has_value();
    return wanted;
}

/// systemd keeps the timer of a file that is gone, and does not start that of a new one.
class Timers
{
public:
    explicit Timers(Systemd &systemd)
        : systemd_{systemd}, loaded_{systemd.units({"igotchuu@*.timer", "igotchuu-maintenance@*.timer"})}
    {
    }

    void tidy()
    {
        const auto wanted = wanted_timers();
        for (const auto &timer : loaded_)
            if ((!wanted.contains(timer.name) || timer.load_state != "loaded") && timer.load_state != "masked" &&
                (timer.active_state == "active" || timer.active_state == "failed"))
                stop(timer.name);
        for (const auto &[timer, surely] : wanted)
            if (!is_active(timer))
                start(timer, surely);
    }
    void say() const
    {
        for (const auto &[done, timers] : {std::pair{"started", &started_}, std::pair{"stopped, its file is gone", &stopped_}})
            for (const auto &timer : *timers)
                std::cout << std::format("{}: {}\n", timer, done);
    }

private:
    [[nodiscard]] bool is_active(const std::string &timer) const
    {
        const auto found = std::ranges::find(loaded_, timer, &Systemd::Unit::name);
        return found != loaded_.end() && found->active_state == "active" && found->load_state == "loaded";
    }
    void stop(const std::string &timer)
    {
        systemd_.stop(timer);
        try {
            systemd_.reset_failed(timer);
        } catch (const sdbus::Error &) { // it had not failed, and is forgotten already
        }
        stopped_.push_back(timer);
    }
    void start(const std::string &timer, bool surely)
    try {
        systemd_.start(timer);
        started_.push_back(timer);
    } catch (const sdbus::Error &error) { // an administrator may have masked it
        if (surely && error.getName() != "org.freedesktop.systemd1.UnitMasked")
            throw;
    }

    Systemd &systemd_;
    std::vector<Systemd::Unit> loaded_;
    std::vector<std::string> started_, stopped_;
};

/// Runs the check of what systemd did not understand to its end; false: it has found something, and this is said.
bool verified(Systemd &systemd)
{
    constexpr int often = 50; // ms
    constexpr std::chrono::minutes longest{2}; // as its unit has it
    systemd.start(verify);
    const auto give_up = std::chrono::steady_clock::now() + longest;
    std::vector<Systemd::Unit> units;
    do {
        poll(nullptr, 0, often);
        units = systemd.units({verify});
    } while (!units.empty() && (units[0].active_state == "activating" || units[0].has_job) &&
             std::chrono::steady_clock::now() < give_up);
    if (units.empty() || units[0].active_state != "failed")
        return true;
    std::cout << std::format("{} has found faults:\n", verify) << std::flush;
    static_cast<void>(end_of_program(start_program({IGOTCHUU_JOURNALCTL, "--sync"}))); // its last words may be under way
    static_cast<void>(end_of_program(start_program({IGOTCHUU_JOURNALCTL, "--quiet", "--no-pager", "--output=cat",
                                                    "_SYSTEMD_INVOCATION_ID=" + systemd.invocation_id(units[0])})));
    return false;
}

int reload_by_igotchuud()
{
    const PasswordAgent agent;
    Igotchuud{}.reload();
    std::cout << std::format("reloaded; what {} says of it: journalctl -u {}\n", verify, verify);
    return static_cast<int>(ExitStatus::success);
}

} // namespace

int reload()
{
    if (geteuid() != 0)
        return reload_by_igotchuud();
    Systemd systemd;
    systemd.reload();
    Timers timers{systemd};
    timers.tidy();
    timers.say();
    return static_cast<int>(verified(systemd) ? ExitStatus::success : ExitStatus::bad_configuration);
}

} // namespace igotchuu
