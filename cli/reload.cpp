// SPDX-License-Identifier: MIT
#include "cli/igotchuud.hpp"
#include "cli/password-agent.hpp"
#include "cli/program.hpp"
#include "cli/shell.hpp"
#include "cli/systemd.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "job/amount.hpp"
#include "job/diagnostic.hpp"
#include "job/exit-status.hpp"
#include "job/kept-without-job.hpp"
#include "job/timers.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <chrono>
#include <format>
#include <iostream>
#include <poll.h>
#include <set>
#include <tuple>
#include <unistd.h>

namespace igotchuu
{

namespace
{

constexpr auto unit_masked = "org.freedesktop.systemd1.UnitMasked";

/// Timers of files that are new start, those of files that are gone stop.
class Timers
{
public:
    explicit Timers(Systemd &systemd) : systemd_{systemd}, before_{states_of(timers())} {} ///< before the reload

    void tidy()
    {
        const auto wanted = wanted_timers(SearchPath::standard());
        const auto units = timers();
        auto now = states_of(units);
        for (std::size_t at = 0; at < units.size(); ++at)
            ask(now[at], units[at], question_about(now[at], wanted));
        plan_ = plan_timers(wanted, before_, now);
        stop(plan_.gone);
        stop(plan_.unusable);
        start(plan_.start);
    }
    void say() const
    {
        for (const auto &[done, timers] : {std::pair{"started", &plan_.start}, std::pair{"stopped, its file is gone", &plan_.gone},
                                           std::pair{"stopped, since systemd does not understand its file", &plan_.unusable}})
            for (const auto &timer : *timers)
                std::cout << std::format("{}: {}\n", timer, done);
        for (const auto &timer : plan_.stay)
            std::cout << std::format("{}: stays stopped, as somebody has stopped it: systemctl start {}\n", timer,
                                     shell_word(timer));
        for (const auto &fault : faults_)
            std::cerr << std::format("igotchuu: {}\n", fault);
    }
    [[nodiscard]] bool all_well() const noexcept { return faults_.empty(); }

private:
    using Units = std::vector<Systemd::Unit>;

    [[nodiscard]] Units timers() { return systemd_.units({timer_patterns.begin(), timer_patterns.end()}); }
    [[nodiscard]] static std::vector<KnownTimer> states_of(const Units &timers)
    {
        std::vector<KnownTimer> all;
        for (const auto &timer : timers)
            all.push_back({.name = timer.name, .load_state = timer.load_state, .active_state = timer.active_state});
        return all;
    }
    void ask(KnownTimer &timer, const Systemd::Unit &unit, TimerQuestion question)
    {
        if (question == TimerQuestion::past)
            timer.has_run = systemd_.has_run(unit);
        if (question == TimerQuestion::origin)
            std::tie(timer.fragment_path, timer.unit_file_state) = systemd_.origin(unit);
    }
    /// Leaves those in `timers` that it has done it to.
    void stop(std::vector<std::string> &timers)
    {
        std::erase_if(timers, [this](const std::string &timer) { return !is_stopped(timer); });
    }
    [[nodiscard]] bool is_stopped(const std::string &timer)
    {
        try {
            systemd_.stop(timer);
        } catch (const sdbus::Error &error) {
            faults_.push_back(std::format("cannot stop {}: {}", timer, printable(error.getMessage())));
            return false;
        }
        try {
            systemd_.reset_failed(timer);
        } catch (const sdbus::Error &) { // it had not failed, and is forgotten already
        }
        return true;
    }
    void start(std::vector<std::string> &timers)
    {
        std::erase_if(timers, [this](const std::string &timer) { return !is_started(timer); });
    }
    [[nodiscard]] bool is_started(const std::string &timer)
    try {
        systemd_.start(timer);
        return true;
    } catch (const sdbus::Error &error) {
        if (error.getName() != unit_masked)
            faults_.push_back(std::format("cannot start {}: {}", timer, printable(error.getMessage())));
        return false;
    }

    Systemd &systemd_;
    std::vector<KnownTimer> before_;
    TimerPlan plan_;
    std::vector<std::string> faults_;
};

/// Runs the check of what systemd did not understand to its end; false: it has found something, and this is said.
bool verified(Systemd &systemd)
{
    constexpr int often = 50; // ms
    constexpr std::chrono::minutes longest{2}; // as its unit has it
    try {
        systemd.start(verify_service);
    } catch (const sdbus::Error &error) {
        if (error.getName() != unit_masked)
            throw;
        std::cout << std::format("{} is masked: nobody has looked what systemd did not understand\n", verify_service);
        return true;
    }
    const auto give_up = std::chrono::steady_clock::now() + longest;
    std::vector<Systemd::Unit> units;
    do {
        poll(nullptr, 0, often);
        units = systemd.units({verify_service});
    } while (!units.empty() && (units[0].active_state == "activating" || units[0].has_job) &&
             std::chrono::steady_clock::now() < give_up);
    if (units.empty() || units[0].active_state != "failed")
        return true;
    std::cout << std::format("{} has found faults:\n", verify_service) << std::flush;
    static_cast<void>(end_of_program(start_program({IGOTCHUU_JOURNALCTL, "--sync"}))); // its last words may be under way
    static_cast<void>(end_of_program(start_program({IGOTCHUU_JOURNALCTL, "--quiet", "--no-pager", "--output=cat",
                                                    "_SYSTEMD_INVOCATION_ID=" + systemd.invocation_id(units[0])})));
    return false;
}

std::string what_is_kept(const Kept &kept)
{
    auto since = Clock::time_point::max();
    std::set<std::string> names;
    for (const auto &instant : kept.instants) {
        since = std::min(since, instant.kept);
        for (const auto &one : instant.repositories)
            names.insert(printable(one.repository));
    }
    std::string wanted_by;
    for (const auto &name : names)
        wanted_by += (wanted_by.empty() ? " for " : ", ") + name;
    return std::format("{}: the job's file is gone, and {} kept since {}{}, which nobody sends\n", printable(kept.job),
                       counted(kept.instants.size(), "instant of it is", "instants of it are"), time_text(since), wanted_by);
}

/// A person says whether it is dropped. Where none is there, it stays, and the check names it.
ExitStatus settle_orphans()
{
    const auto orphans = kept_without_job();
    if (orphans.empty() || !somebody_is_there())
        return ExitStatus::success;
    const StopSignals stop;
    auto status = ExitStatus::success;
    for (const auto &[instance, kept] : orphans) {
        std::cout << what_is_kept(kept);
        const auto consent = ask_for_consent("Drop it? (y: yes; Enter: no): ", Consent::refused, stop);
        if (stop.came())
            return ExitStatus::stopped;
        if (consent == Consent::given && end_of_program(start_program({IGOTCHUU_EXEC, "pending", "--drop", instance})) != 0)
            status = ExitStatus::failed; // it has said why
    }
    return status;
}

int reload_by_igotchuud()
{
    const PasswordAgent agent;
    Igotchuud{}.reload();
    std::cout << std::format("reloaded; what {} says of it: journalctl -u {}\n", verify_service, verify_service);
    return static_cast<int>(ExitStatus::success);
}

} // namespace

int reload(Orphans orphans)
{
    if (geteuid() != 0)
        return reload_by_igotchuud();
    Systemd systemd;
    Timers timers{systemd};
    systemd.reload();
    timers.tidy();
    timers.say();
    const auto settled = orphans == Orphans::are_asked_about ? settle_orphans() : ExitStatus::success;
    if (settled == ExitStatus::stopped)
        return static_cast<int>(settled);
    return static_cast<int>(verified(systemd) && timers.all_well() ? settled : ExitStatus::bad_configuration);
}

} // namespace igotchuu
