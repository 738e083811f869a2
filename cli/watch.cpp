// SPDX-License-Identifier: MIT
#include "cli/changes.hpp"
#include "cli/control.hpp"
#include "cli/lookout.hpp"
#include "cli/password-agent.hpp"
#include "cli/progress-line.hpp"
#include "cli/shell.hpp"
#include "cli/stop-signals.hpp"
#include "cli/verbs.hpp"
#include "job/diagnostic.hpp"
#include "job/exit-status.hpp"
#include "job/state-files.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <chrono>
#include <format>
#include <iostream>
#include <map>
#include <optional>
#include <poll.h>
#include <unistd.h>
#include <utility>

namespace igotchuu
{

namespace
{

/// Until when a run is watched that comes to nothing now, and that systemd tries again by itself.
enum class Patience { to_the_last_try, one_try };

/// Runs under way, as they are seen on standard output until the last of them is over.
class Watch
{
public:
    Watch(std::vector<JobName> jobs, std::map<std::string, Standing> before, Patience patience)
        : jobs_{std::move(jobs)}, before_{std::move(before)}, patience_{patience}
    {
    }

    /// False: somebody does not want to see more of it. What runs goes on.
    [[nodiscard]] bool to_the_end(Lookout &lookout, const StopSignals &stop);
    /// Of one that nothing came of: without an outcome.
    [[nodiscard]] const std::vector<Standing> &ended() const noexcept { return ended_; }

private:
    void look(Lookout &lookout);
    void look_anew(Lookout &lookout);
    [[nodiscard]] bool is_new(const Standing &standing) const;
    [[nodiscard]] bool is_over(const Standing &standing);
    void end(Standing standing);
    void show(const std::vector<Standing> &standings);

    std::vector<JobName> jobs_;
    std::map<std::string, Standing> before_; ///< by instance: how it was
    std::map<std::string, std::string> steps_; ///< what was last said
    std::map<std::string, bool> seen_; ///< at work
    std::vector<Standing> ended_;
    Patience patience_;
    Screen screen_{STDOUT_FILENO};
    std::chrono::steady_clock::time_point began_{};
    std::optional<std::chrono::steady_clock::time_point> blind_since_;
};

/// The invocations of the newest: of the job's own, and of what sent a kept instant.
std::pair<std::string, std::string> newest_of(const Standing &standing)
{
    return {standing.invocation_id, standing.sent ? standing.sent->invocation_id : ""};
}

bool Watch::is_new(const Standing &standing) const
{
    return newest_of(standing) != newest_of(before_.at(standing.instance));
}

/// It is over when there is a result that was not there before. A run that never got to write one is over when it does nothing any more.
bool Watch::is_over(const Standing &standing)
{
    if (standing.doing == Doing::waiting && patience_ == Patience::one_try && is_new(standing))
        return true;
    if (standing.doing != Doing::idle) {
        seen_[standing.instance] = true;
        return false;
    }
    constexpr std::chrono::seconds begins_within{10};
    return is_new(standing) || seen_[standing.instance] || std::chrono::steady_clock::now() - began_ > begins_within;
}

void Watch::end(Standing standing)
{
    const auto name = printable(standing.name);
    if (!is_new(standing)) {
        screen_.line(
            std::format("{}: nothing came of it, see: journalctl -xu {}", name, shell_word(service_of(standing.instance))));
        standing.outcome.reset(); // that is of the run before
    } else {
        if (standing.sent && standing.invocation_id == before_.at(standing.instance).invocation_id) { // no run of its own has ended
            standing.outcome = standing.sent->outcome;
            standing.started = standing.sent->started;
            standing.ended = standing.sent->ended;
            standing.message = standing.sent->message;
        }
        screen_.line(end_of(standing));
        if (standing.doing == Doing::waiting)
            screen_.line(std::format("{} is tried again by itself: igotchuu watch {}", name, shell_word(name)));
    }
    std::erase_if(jobs_, [&](const JobName &job) { return job.instance == standing.instance; });
    ended_.push_back(std::move(standing));
}

/// systemd and igotchuud may start anew while a run goes on: that is not its end.
void Watch::look_anew(Lookout &lookout)
{
    constexpr std::chrono::seconds longest{20};
    const auto now = std::chrono::steady_clock::now();
    if (!blind_since_)
        blind_since_ = now;
    if (now - *blind_since_ > longest)
        throw Failure{std::format("what runs cannot be seen any more, and goes on: {}", lookout.blind_spots().empty()
                                                                                            ? "igotchuud does not know the job"
                                                                                            : lookout.blind_spots().back())};
    lookout = Lookout{};
}

void Watch::look(Lookout &lookout)
{
    auto standings = lookout.of(jobs_);
    if (!lookout.sees_runs() || !std::ranges::all_of(standings, &Standing::past_is_known))
        return look_anew(lookout);
    blind_since_.reset();
    std::erase_if(standings, [&](const Standing &standing) {
        const bool over = is_over(standing);
        if (over)
            end(standing);
        return over;
    });
    show(standings);
}

void Watch::show(const std::vector<Standing> &standings)
{
    if (!screen_.is_live()) {
        for (const auto &standing : standings) {
            const auto step = step_of(standing);
            auto &said = steps_[standing.instance];
            const bool is_ending =
                (standing.doing == Doing::starting && !said.empty()) || // it has taken its state away
                (standing.doing == Doing::stopping && is_new(standing)); // nobody stops it: it has come to its result
            if (step != said && standing.doing != Doing::idle && !is_ending)
                screen_.line(std::format("{}: {}", printable(standing.name), said = step));
        }
        return;
    }
    std::size_t names = 0;
    for (const auto &standing : standings)
        names = std::max(names, width_of(printable(standing.name)));
    std::vector<std::string> lines;
    for (const auto &standing : standings)
        if (lines.size() + 2 < screen_.rows())
            lines.push_back(progress_line(standing, names, screen_.columns() - 1));
    screen_.live(lines);
}

bool Watch::to_the_end(Lookout &lookout, const StopSignals &stop)
{
    constexpr std::chrono::milliseconds quarter{250}, second{1000}, longest{10'000}; // the last is for what nothing tells of
    Changes changes{StateDirectories{}};
    began_ = std::chrono::steady_clock::now();
    for (;;) {
        const auto looked = std::chrono::steady_clock::now();
        look(lookout);
        if (jobs_.empty())
            return true;
        pollfd polled{stop.fd(), POLLIN, 0};
        poll(&polled, 1, quarter.count()); // what changes together is seen together
        changes.wait(stop.fd(), looked + (blind_since_ ? quarter : screen_.is_live() ? second : longest));
        if (stop.came())
            break;
    }
    for (const auto &job : jobs_)
        screen_.line(std::format("{} goes on; to stop it: igotchuu stop {}", printable(job.name), shell_word(printable(job.name))));
    screen_.live({});
    return false;
}

std::vector<JobName> that_run(Lookout &lookout)
{
    std::vector<JobName> jobs;
    for (const auto &standing : lookout.all())
        if (standing.doing != Doing::idle)
            jobs.push_back({standing.name, standing.instance, standing.has_file ? standing.name : ""});
    return jobs;
}

/// How they are. Throws where that cannot be seen.
std::map<std::string, Standing> standings_of(Lookout &lookout, const std::vector<JobName> &jobs)
{
    std::map<std::string, Standing> standings;
    for (auto &standing : lookout.of(jobs)) {
        if (!standing.past_is_known)
            throw Failure{lookout.blind_spots().empty() ? "what jobs do is for root and the group igotchuu to see"
                                                        : lookout.blind_spots().back()};
        standings[standing.instance] = std::move(standing);
    }
    return standings;
}

/// What the run exited with.
ExitStatus exit_status_of(const Standing &standing)
{
    const bool one_has_it = standing.outcome == Outcome::pending && standing.last_success == standing.ended;
    if (!standing.outcome)
        return ExitStatus::failed;
    return one_has_it ? ExitStatus::success : exit_status(*standing.outcome);
}

} // namespace

int watch_jobs(const std::vector<std::string> &words)
{
    const StopSignals stop;
    Lookout lookout;
    auto jobs = words.empty() ? that_run(lookout) : jobs_called(words);
    auto before = standings_of(lookout, jobs);
    for (const auto &standing : lookout.of(jobs)) {
        if (standing.doing != Doing::idle)
            continue;
        std::cout << std::format("{} does not run\n", printable(standing.name)) << std::flush;
        std::erase_if(jobs, [&](const JobName &job) { return job.instance == standing.instance; });
    }
    if (words.empty() && jobs.empty())
        std::cout << "no job runs\n" << std::flush;
    if (jobs.empty())
        return static_cast<int>(ExitStatus::success);
    const bool seen = Watch{std::move(jobs), std::move(before), Patience::to_the_last_try}.to_the_end(lookout, stop);
    return static_cast<int>(seen ? ExitStatus::success : ExitStatus::stopped);
}

int run_job(const std::string &word)
{
    const auto jobs = jobs_called({word});
    Lookout lookout;
    Watch watch{jobs, standings_of(lookout, jobs), Patience::one_try};
    {
        const PasswordAgent agent;
        start(jobs.front());
    }
    const StopSignals stop; // from here on: whoever is asked for a password may leave at once
    if (!watch.to_the_end(lookout, stop))
        return static_cast<int>(ExitStatus::stopped);
    return static_cast<int>(exit_status_of(watch.ended().front()));
}

} // namespace igotchuu
