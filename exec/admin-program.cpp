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

#include <algorithm>
#include <cerrno>
#include <format>
#include <string_view>

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
    return std::format("igotchuu-{}@{}.service", program.what, program.instance);
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

std::string state_of(const AdminProgram &program, const std::string &unit)
{
    auto state = output_of({.arguments = {programs::systemctl, "show", "--property=ActiveState", "--value", "--", unit},
                            .capabilities = capabilities_for(program, "-all")});
    state.erase(state.find_last_not_of('\n') + 1);
    return state;
}

bool runs(const AdminProgram &program, const std::string &unit)
{
    const auto state = state_of(program, unit);
    return state != "inactive" && state != "failed";
}

/// To start a unit that is active does nothing, and would pass for what it was to do.
void refuse_active(const AdminProgram &program)
{
    const auto unit = unit_of(program);
    if (runs(program, unit))
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
        return std::format("did not end within {} and was ended{}", program.at_most,
                           program.time_key.empty() ? "" : " (the key " + program.time_key + ')');
    if (is_unit(program.arguments))
        return std::format("{}; see: systemctl status {}", describe(end, words), program.arguments.front());
    if (end.status == no_such_user)
        return std::format("cannot be run as \"{}\": is there such a user? (the key {})", program.user, program.user_key);
    if (end.status == cannot_be_executed)
        return "cannot be executed: is it a program of this machine, and may its user execute it?";
    return describe(end, words);
}

} // namespace

std::string run(const AdminProgram &program, const StopRequest *stop)
{
    is_unit(program.arguments) ? refuse_active(program) : refuse_missing(program);
    auto arguments = limited_to(programs::setpriv,
                                capabilities_for(program, "-all,+dac_read_search")); // systemd-run looks for the program first
    std::ranges::move(start_of(program), std::back_inserter(arguments));
    ProgramWords words{program.what};
    std::string output;
    bool stopped = false;
    const auto began = steady_clock::now();
    Child child{{.arguments = std::move(arguments),
                 .environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"},
                 .input = program.input}};
    const auto ended = child.wait([&](std::string_view bytes) { output += bytes.substr(0, most_output + 1 - output.size()); },
                                  [&](std::string_view bytes) { words.feed(bytes); },
                                  {.grace = to_end,
                                   .at_most = program.at_most + (is_unit(program.arguments) ? std::chrono::seconds{0} : 2 * to_end),
                                   .give_up = [&] { // systemd-run's own end is not that of what it has started
                                       if (stop != nullptr && stop->asked() && !std::exchange(stopped, true))
                                           end(program);
                                       return stopped;
                                   }});
    const bool timed_out = steady_clock::now() - began >= program.at_most && !ended.succeeded();
    words.finish();
    if (!ended.succeeded())
        end(program);
    if (stopped)
        throw Cancelled{};
    if (!ended.succeeded())
        throw Failure{std::format("{} failed: {} {}", program.what, shown(program), why_failed(program, ended, words, timed_out))};
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
        if (!runs(program, unit)) // whatever systemctl's status was: it is one of several for a unit that is not there
            return;
    }
    throw Failure{std::format("{} still runs and cannot be stopped: {}", unit, complaint)};
}

} // namespace igotchuu
