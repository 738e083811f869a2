// SPDX-License-Identifier: MIT
#include "cli/igotchuud.hpp"
#include "cli/password-agent.hpp"
#include "cli/program.hpp"
#include "cli/shell.hpp"
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
constexpr auto unit_masked = "org.freedesktop.systemd1.UnitMasked";

/// By timer: whether its file surely asks for it. Of a broken file only systemd knows, since the generator has written one all the same.
std::map<std::string, bool> wanted_timers()
{
    const auto path = SearchPath::standard();
    std::map<std::string, bool> wanted;
    for (const auto &loaded : load_jobs(path).jobs) {
        if (!loaded.job || has_schedule(loaded.job->timer))
            wanted[timer_of(loaded.instance)] = loaded.job.has_value();
        if (loaded.job && loaded.job->objective > std::chrono::hours{0})
            wanted[fresh_timer_of(loaded.instance)] = true;
    }
    for (const auto &loaded : load_repositories(path).repositories)
        if (!loaded.repository || has_schedule(loaded.repository->maintenance.timer))
            wanted[maintenance_timer_of(loaded.instance)] = loaded.repository.has_value();
    return wanted;
}

/// systemd keeps the timer of a file that is gone, and does not start that of a new one.
class Timers
{
public:
    /// Before the reload: what did not run then, though it could, was stopped by somebody.
    explicit Timers(Systemd &systemd) : systemd_{systemd}, before_{timers()} {}

    void tidy()
    {
        const auto wanted = wanted_timers();
        const auto now = timers();
        for (const auto &timer : now)
            if (is_orphan(timer, wanted))
                stop(timer.name, wanted.contains(timer.name) ? unusable_ : gone_);
        for (const auto &[name, surely] : wanted) {
            const auto *const timer = find(now, name);
            if (timer != nullptr && timer->active_state == "active" && timer->load_state == "loaded")
                continue;
            if (const auto *const before = find(before_, name); before != nullptr && was_stopped(*before))
                stays_.push_back(name);
            else
                start(name, surely);
        }
    }
    void say() const
    {
        for (const auto &[done, timers] : {std::pair{"started", &started_}, std::pair{"stopped, its file is gone", &gone_},
                                           std::pair{"stopped, since systemd does not understand its file", &unusable_}})
            for (const auto &timer : *timers)
                std::cout << std::format("{}: {}\n", timer, done);
        for (const auto &timer : stays_)
            std::cout << std::format("{}: stays stopped, as somebody has stopped it: systemctl start {}\n", timer,
                                     shell_word(timer));
        for (const auto &fault : faults_)
            std::cerr << std::format("igotchuu: {}\n", fault);
    }
    [[nodiscard]] bool all_well() const noexcept { return faults_.empty(); }

private:
    using Units = std::vector<Systemd::Unit>;

    [[nodiscard]] Units timers()
    {
        return systemd_.units({"igotchuu@*.timer", "igotchuu-fresh@*.timer", "igotchuu-maintenance@*.timer"});
    }
    static const Systemd::Unit *find(const Units &units, const std::string &name)
    {
        const auto found = std::ranges::find(units, name, &Systemd::Unit::name);
        return found == units.end() ? nullptr : &*found;
    }
    /// One that an administrator wrote, or enabled, needs no file of ours.
    [[nodiscard]] bool is_orphan(const Systemd::Unit &timer, const std::map<std::string, bool> &wanted)
    {
        if (timer.load_state == "masked" || (timer.active_state != "active" && timer.active_state != "failed"))
            return false;
        return timer.load_state != "loaded" || (!wanted.contains(timer.name) && systemd_.is_ours(timer));
    }
    /// One that has never run is new.
    [[nodiscard]] bool was_stopped(const Systemd::Unit &timer)
    {
        return timer.load_state == "loaded" && timer.active_state == "inactive" && systemd_.has_run(timer);
    }
    void stop(const std::string &timer, std::vector<std::string> &stopped)
    try {
        systemd_.stop(timer);
        stopped.push_back(timer);
        systemd_.reset_failed(timer);
    } catch (const sdbus::Error &error) {
        if (stopped.empty() || stopped.back() != timer) // else it had not failed, and is forgotten already
            faults_.push_back(std::format("cannot stop {}: {}", timer, printable(error.getMessage())));
    }
    void start(const std::string &timer, bool surely)
    try {
        systemd_.start(timer);
        started_.push_back(timer);
    } catch (const sdbus::Error &error) { // an administrator may have masked it
        if (surely && error.getName() != unit_masked)
            faults_.push_back(std::format("cannot start {}: {}", timer, printable(error.getMessage())));
    }

    Systemd &systemd_;
    Units before_;
    std::vector<std::string> started_, gone_, unusable_, stays_, faults_;
};

/// Runs the check of what systemd did not understand to its end; false: it has found something, and this is said.
bool verified(Systemd &systemd)
{
    constexpr int often = 50; // ms
    constexpr std::chrono::minutes longest{2}; // as its unit has it
    try {
        systemd.start(verify);
    } catch (const sdbus::Error &error) {
        if (error.getName() != unit_masked)
            throw;
        std::cout << std::format("{} is masked: nobody has looked what systemd did not understand\n", verify);
        return true;
    }
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
    Timers timers{systemd};
    systemd.reload();
    timers.tidy();
    timers.say();
    return static_cast<int>(verified(systemd) && timers.all_well() ? ExitStatus::success : ExitStatus::bad_configuration);
}

} // namespace igotchuu
