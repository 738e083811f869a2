// SPDX-License-Identifier: MIT
#include "exec/admin-program.hpp"

#include "exec/child.hpp"
#include "exec/confine.hpp"
#include "exec/program-words.hpp"
#include "exec/programs.hpp"
#include "exec/stop.hpp"
#include "exec/tool.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/programs.hpp"

#include <sys/stat.h>

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <format>
#include <iostream>
#include <iterator>
#include <ranges>
#include <utility>

extern "C" { // glibc 2.41's header has none of its own
#include <sys/pidfd.h>
}

namespace igotchuu
{
namespace
{

using std::chrono::steady_clock;

constexpr std::size_t most_output = std::size_t{1} * 1024 * 1024;
constexpr std::chrono::seconds to_end{10}; // from SIGTERM to SIGKILL
constexpr int no_such_user = 217, cannot_be_executed = 203; // systemd.exec(5), "Process Exit Codes"

std::string unit_of(const AdminProgram &program)
{
    if (is_unit(program.arguments))
        return program.arguments.front();
    const auto number = program.number == 0 ? "" : std::format("-{}", program.number);
    return std::format("igotchuu-{}{}@{}.service", program.what, number, program.instance);
}

/// For messages.
std::string shown(const AdminProgram &program)
{
    return (is_unit(program.arguments) ? "the unit " : "") + printable(program.arguments.front());
}

std::vector<std::string> start_of(const AdminProgram &program)
{
    if (is_unit(program.arguments))
        return {programs::systemctl, "start", "--no-ask-password", "--", program.arguments.front()};
    std::vector<std::string> start{
        programs::systemd_run,
        "--quiet",
        "--wait",
        "--pipe",
        "--collect",
        "--no-ask-password",
        "--service-type=exec",
        "--expand-environment=no",
        "--unit=" + unit_of(program),
        std::format("--description=igotchuu: {} of {}", program.what, program.instance),
        std::format("--property=RuntimeMaxSec={}", program.at_most.count()),
        std::format("--property=TimeoutStopSec={}", to_end.count()),
        "--property=User=" + program.user,
    };
    for (const auto &property : program.properties)
        start.push_back("--property=" + property);
    for (const auto &variable : program.environment)
        start.push_back("--setenv=" + variable);
    start.emplace_back("--");
    start.insert(start.end(), program.arguments.begin(), program.arguments.end());
    return start;
}

/// For what starts and ends it: `most`, where we have capabilities at all.
std::string capabilities_for(const AdminProgram &program, const char *most)
{
    return program.without_capabilities ? "" : most;
}

std::string property_of(const AdminProgram &program, const char *name)
{
    auto value = output_of(
        {.arguments = {programs::systemctl, "show", std::format("--property={}", name), "--value", "--", unit_of(program)},
         .capabilities = capabilities_for(program, "-all")});
    value.erase(value.find_last_not_of('\n') + 1);
    return value;
}

/// A pidfd; nothing: it has ended.
Fd first_process_of(const AdminProgram &program)
{
    const auto number = property_of(program, "MainPID");
    pid_t process = 0;
    std::from_chars(number.data(), number.data() + number.size(), process);
    return process > 0 ? Fd{pidfd_open(process, 0)} : Fd{};
}

bool runs(const AdminProgram &program)
{
    const auto state = property_of(program, "ActiveState");
    return state != "inactive" && state != "failed";
}

/// To start a unit that is active does nothing, and would pass for what it was to do.
void refuse_active(const AdminProgram &program)
{
    const auto unit = unit_of(program);
    if (runs(program))
        throw Failure{
            std::format("{} failed: {} is running already, so that it cannot be started for this backup: systemctl stop {}",
                        program.what, unit, unit)};
}

void refuse_missing(const AdminProgram &program)
{
    struct stat status{};
    const auto &path = program.arguments.front();
    const auto because = [&](std::string_view why) {
        throw Failure{std::format("{} failed: {} {}", program.what, shown(program), why)};
    };
    if (stat(path.c_str(), &status) < 0 && (errno == ENOENT || errno == ENOTDIR))
        because(path.starts_with("/tmp/") || path.starts_with("/var/tmp/") ? "is not there: the backup has a /tmp of its own"
                                                                           : "is not there");
    else if (!S_ISREG(status.st_mode) || (status.st_mode & 0111) == 0)
        because("is not a program: make it executable (chmod +x)");
}

std::string why_failed(const AdminProgram &program, const ChildEnd &end, const ProgramWords &words, bool timed_out)
{
    if (timed_out)
        return std::format("did not end within {} and was ended{}", std::max(program.at_most, program.time_of_key),
                           program.time_key.empty() ? "" : " (the key " + program.time_key + ')');
    if (is_unit(program.arguments))
        return std::format("{}; see: systemctl status {}", describe(end, words), program.arguments.front());
    if (end.status == no_such_user)
        return std::format("cannot be run as \"{}\": is there such a user? (the key {})", program.user, program.user_key);
    if (end.status == cannot_be_executed)
        return "cannot be executed: is it a program of this machine, and may its user execute it?";
    return describe(end, words);
}

std::string_view without_space(std::string_view line)
{
    constexpr auto space = " \t\r";
    line.remove_prefix(std::min(line.find_first_not_of(space), line.size()));
    return line.substr(0, line.find_last_not_of(space) + 1);
}

Command starter_of(const AdminProgram &program)
{
    is_unit(program.arguments) ? refuse_active(program) : refuse_missing(program);
    auto arguments = limited_to(programs::setpriv,
                                capabilities_for(program, "-all,+dac_read_search")); // systemd-run looks for the program first
    std::ranges::move(start_of(program), std::back_inserter(arguments));
    return {.arguments = std::move(arguments),
            .environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"},
            .input = program.input};
}

} // namespace

RunningProgram::RunningProgram(AdminProgram program)
    : program_{std::move(program)}, complaints_{program_.what}, said_{program_.what}, starter_{starter_of(program_)}
{
}

RunningProgram::~RunningProgram()
{
    try {
        if (!over_)
            end(program_);
    } catch (const std::exception &error) {
        std::cerr << error.what() << '\n';
    } catch (const Cancelled &) { // nobody is asked
    }
}

std::optional<RunningProgram::Moment> RunningProgram::await_line(std::string_view line, Moment until, const StopRequest &stop)
{
    std::optional<Moment> came;
    Lines lines{[&](std::string_view one) {
        if (without_space(one) == line)
            came = steady_clock::now();
        else
            said_.feed(std::string{one} + '\n');
    }};
    const bool in_time = starter_.read_until([&] { return came.has_value(); }, [&](std::string_view bytes) { lines.feed(bytes); },
                                             [&](std::string_view bytes) { complaints_.feed(bytes); }, until, stop.fd());
    stop.check();
    if (!in_time)
        return std::nullopt;
    lines.finish();
    first_process_ = first_process_of(program_);
    return came;
}

bool RunningProgram::is_there() const
{
    pollfd polled{first_process_.get(), POLLIN, 0};
    return first_process_ && poll(&polled, 1, 0) == 0;
}

void RunningProgram::finish(std::chrono::seconds at_most, const StopRequest *stop, std::chrono::seconds undisturbed)
{
    finish(at_most, stop, undisturbed, [&](std::string_view bytes) { said_.feed(bytes); });
}

void RunningProgram::finish(std::chrono::seconds at_most, const StopRequest *stop, std::chrono::seconds undisturbed,
                            const Child::Sink &output)
{
    bool stopped = false;
    const auto hears_a_stop = steady_clock::now() + undisturbed;
    const auto ended = starter_.wait(output, [&](std::string_view bytes) { complaints_.feed(bytes); },
                                     {.grace = to_end,
                                      .at_most = at_most,
                                      .give_up = [&] { // systemd-run's own end is not that of what it has started
                                          if (stop != nullptr && stop->asked() && steady_clock::now() >= hears_a_stop &&
                                              !std::exchange(stopped, true))
                                              end(program_);
                                          return stopped;
                                      }});
    const bool timed_out = steady_clock::now() - began_ >= program_.at_most && !ended.succeeded();
    complaints_.finish();
    said_.finish();
    if (!ended.succeeded())
        end(program_);
    over_ = true;
    if (stopped)
        throw Cancelled{};
    if (!ended.succeeded())
        throw Failure{
            std::format("{} failed: {} {}", program_.what, shown(program_), why_failed(program_, ended, complaints_, timed_out))};
}

std::string run(const AdminProgram &program, const StopRequest *stop)
{
    const auto for_pid_1 = is_unit(program.arguments) ? std::chrono::seconds{0} : 2 * to_end; // to end it, when its time is over
    std::string output;
    RunningProgram running{program};
    running.finish(program.at_most + for_pid_1, stop, std::chrono::seconds{0},
                   [&](std::string_view bytes) { output += bytes.substr(0, most_output + 1 - output.size()); });
    if (output.size() > most_output)
        throw Failure{std::format("{} failed: {} printed more than 1 MiB", program.what, shown(program))};
    return output;
}

void end(const AdminProgram &program)
{
    const auto unit = unit_of(program);
    std::string complaint;
    for (int tries = 0; tries < 2; ++tries) { // the first may have come before systemd has loaded what is to be ended
        complaint = run(Tool{.arguments = {programs::systemctl, "stop", "--no-ask-password", "--", unit},
                             .capabilities = capabilities_for(program, "-all"),
                             .at_most = program.at_most + 2 * to_end})
                        .complaint;
        if (!runs(program)) // whatever systemctl's status was: it is one of several for a unit that is not there
            return;
    }
    throw Failure{std::format("{} still runs and cannot be stopped: {}", unit, complaint)};
}

void end_numbered(const std::string &what, const std::string &instance)
{
    const auto listed = output_of({.arguments = {programs::systemctl, "list-units", "--all", "--full", "--plain", "--no-legend",
                                                 "--no-pager", std::format("igotchuu-{}-*@*.service", what)}});
    const auto before = std::format("igotchuu-{}-", what), after = std::format("@{}.service ", instance);
    for (const auto line : listed | std::views::split('\n')) {
        const std::string_view text{line};
        unsigned number = 0;
        if (text.starts_with(before))
            std::from_chars(text.data() + before.size(), text.data() + text.size(), number);
        if (number > 0 && text.starts_with(std::format("{}{}{}", before, number, after)))
            end({.what = what, .number = number, .instance = instance, .arguments = {""}, .user = {}, .environment = {}});
    }
}

} // namespace igotchuu
