// SPDX-License-Identifier: MIT
#include "exec/verify.hpp"

#include "exec/child.hpp"
#include "exec/lines.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/load.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <format>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <systemd/sd-bus.h>

namespace igotchuu
{

namespace
{

struct BusClose {
    void operator()(sd_bus *bus) const noexcept { sd_bus_flush_close_unref(bus); }
};

/// LoadState= as the running systemd has it, org.freedesktop.systemd1(5).
class Manager
{
public:
    Manager()
    {
        sd_bus *bus = nullptr;
        if (const int result = sd_bus_open_system(&bus); result < 0)
            fail(-result, "cannot reach systemd over the system bus");
        bus_.reset(bus);
    }

    [[nodiscard]] std::string load_state(const std::string &unit) const
    {
        sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus_message *reply = nullptr;
        char *state = nullptr;
        const char *path = nullptr;
        int result = sd_bus_call_method(bus_.get(), service, "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
                                        "LoadUnit", &error, &reply, "s", unit.c_str());
        if (result >= 0)
            result = sd_bus_message_read(reply, "o", &path);
        if (result >= 0)
            result =
                sd_bus_get_property_string(bus_.get(), service, path, "org.freedesktop.systemd1.Unit", "LoadState", &error, &state);
        const std::unique_ptr<char, decltype(&std::free)> owned{state, &std::free};
        sd_bus_message_unref(reply);
        sd_bus_error_free(&error);
        if (result < 0)
            fail(-result, "cannot ask systemd about {}", unit);
        return state;
    }

    /// The timers of igotchuu@ that systemd has in memory, running or not.
    [[nodiscard]] std::vector<std::string> timers() const
    {
        sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus_message *reply = nullptr;
        std::vector<std::string> timers;
        int result = sd_bus_call_method(bus_.get(), service, "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
                                        "ListUnitsByPatterns", &error, &reply, "asas", 1, "active", 1, "igotchuu@*.timer");
        if (result >= 0)
            result = sd_bus_message_enter_container(reply, 'a', "(ssssssouso)");
        const char *name = nullptr;
        while (result >= 0) {
            result = sd_bus_message_enter_container(reply, 'r', "ssssssouso");
            if (result <= 0)
                break; // 0: that was the last
            result = sd_bus_message_read(reply, "s", &name);
            if (result >= 0)
                result = sd_bus_message_skip(reply, "sssssouso");
            if (result >= 0)
                result = sd_bus_message_exit_container(reply);
            if (result >= 0)
                timers.emplace_back(name);
        }
        sd_bus_message_unref(reply);
        sd_bus_error_free(&error);
        if (result < 0)
            fail(-result, "cannot ask systemd for the timers of igotchuu@");
        return timers;
    }

private:
    static constexpr const char *service = "org.freedesktop.systemd1";
    std::unique_ptr<sd_bus, BusClose> bus_;
};

/// "/run/systemd/generator/igotchuu@NAME.timer:9: Failed to parse …" of systemd-analyze, split; nothing for a line of another form.
struct Complaint {
    std::string file;
    std::size_t line;
    std::string_view text;
};

std::optional<Complaint> parse_complaint(std::string_view line)
{
    const auto colon = line.find(':');
    const auto second = colon == line.npos ? line.npos : line.find(": ", colon + 1);
    if (second == line.npos || !line.starts_with('/'))
        return {};
    Complaint complaint{std::string{line.substr(0, colon)}, 0, line.substr(second + 2)};
    if (std::from_chars(line.data() + colon + 1, line.data() + second, complaint.line).ptr != line.data() + second)
        return {};
    return complaint;
}

std::string line_of(const std::string &file, std::size_t number)
{
    std::ifstream text{file};
    std::string line;
    while (number-- > 0 && std::getline(text, line))
        ;
    return line;
}

/// The instance whose unit or drop-in `file` is.
std::string instance_in(std::string_view file)
{
    constexpr std::string_view prefix = "/igotchuu@";
    const auto begin = file.find(prefix);
    if (begin == file.npos)
        return {};
    const auto rest = file.substr(begin + prefix.size());
    return std::string{rest.substr(0, std::min(rest.find(".service"), rest.find(".timer")))};
}

using JobFiles = std::map<std::string, std::string>; // instance → job file

/// What `systemd-analyze verify` says of these units, told in the words of the job files.
bool analyze(const std::vector<std::string> &units, const JobFiles &files, const StopRequest &stop)
{
    Command command{.arguments = {"/usr/bin/systemd-analyze", "verify", "--man=no", "--recursive-errors=no"},
                    .environment = {"PATH=/usr/bin", "LANG=C.UTF-8", "SYSTEMD_COLORS=0",
                                    "SYSTEMD_UNIT_PATH=/run/systemd/generator:"}}; // without, it finds no generated unit
    command.arguments.insert(command.arguments.end(), units.begin(), units.end());
    bool sound = true;
    Lines lines{[&](std::string_view line) {
        const auto complaint = parse_complaint(line);
        const auto file = complaint ? files.find(instance_in(complaint->file)) : files.end();
        if (file == files.end())
            return;
        sound = false;
        std::cerr << printable(std::format("{}: {}: {}", file->second, line_of(complaint->file, complaint->line), complaint->text))
                  << '\n';
    }};
    Child child{command};
    child.wait([](std::string_view) {}, [&](std::string_view bytes) { lines.feed(bytes); },
               {.stop = stop.fd(), .at_most = std::chrono::minutes{1}});
    lines.finish();
    stop.check();
    return sound;
}

bool has_timer(const Job &job)
{
    return std::ranges::any_of(job.timer, [](const UnitSetting &setting) { return setting.key.starts_with("On"); });
}

bool timer_is_loaded(const Manager &manager, const Job &job)
{
    const auto timer = timer_of(job.instance);
    const auto state = manager.load_state(timer);
    if (state != "loaded")
        std::cerr << printable(std::format("{}: systemd cannot use its timer {} ({}): this job does not run by itself", job.file,
                                           timer, state))
                  << '\n';
    return state == "loaded";
}

/// A timer that is still in memory though its job file went away: it never fires (the template has no schedule), and somebody has to end it.
bool no_orphans(const Manager &manager, const LoadedJobs &loaded)
{
    bool none = true;
    for (const auto &timer : manager.timers()) {
        const auto instance = instance_in("/" + timer);
        if (std::ranges::contains(loaded.jobs, instance, &LoadedJob::instance))
            continue;
        none = false;
        std::cerr
            << printable(std::format(
                   "{} is still there, but its job file is gone: it backs nothing up any more. To end it: systemctl stop '{}' && "
                   "rm '/var/lib/igotchuu/jobs/{}.json'",
                   timer, timer, instance))
            << '\n';
    }
    return none;
}

} // namespace

ExitStatus verify(const SearchPath &path, const StopRequest &stop)
{
    const auto loaded = load_jobs(path);
    bool sound = loaded.nameless.empty();
    for (const auto &diagnostic : loaded.nameless)
        std::cerr << to_string(diagnostic) << '\n';

    const Manager manager;
    sound &= no_orphans(manager, loaded);
    JobFiles files;
    std::vector<std::string> units;
    for (const auto &[instance, job_files, job] : loaded.jobs) {
        if (!job) {
            std::cerr << job.error().what() << '\n';
            sound = false;
            continue;
        }
        for (const auto &warning : job->warnings)
            std::cerr << to_string(warning) << '\n';
        files[instance] = job->file;
        units.push_back(service_of(instance));
        if (has_timer(*job)) {
            units.push_back(timer_of(instance));
            sound &= timer_is_loaded(manager, *job);
        }
    }
    if (!units.empty())
        sound &= analyze(units, files, stop);
    return sound ? ExitStatus::success : ExitStatus::bad_configuration;
}

} // namespace igotchuu
