// SPDX-License-Identifier: MIT
#include "exec/verify.hpp"

#include "exec/child.hpp"
#include "exec/lines.hpp"
#include "exec/program-words.hpp"
#include "exec/programs.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/kept-without-job.hpp"
#include "job/load.hpp"
#include "job/notify.hpp"
#include "job/recovery-key.hpp"
#include "job/repository.hpp"
#include "job/schedule.hpp"
#include "job/state-files.hpp"
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

/// Units as the running systemd has them, org.freedesktop.systemd1(5).
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

    [[nodiscard]] std::string state(const std::string &unit, const char *property) const
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
                sd_bus_get_property_string(bus_.get(), service, path, "org.freedesktop.systemd1.Unit", property, &error, &state);
        const std::unique_ptr<char, decltype(&std::free)> owned{state, &std::free};
        sd_bus_message_unref(reply);
        sd_bus_error_free(&error);
        if (result < 0)
            fail(-result, "cannot ask systemd about {}", unit);
        return state;
    }

    /// The timers of igotchuu that systemd has in memory, running or not.
    [[nodiscard]] std::vector<std::string> timers() const
    {
        sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus_message *reply = nullptr;
        std::vector<std::string> timers;
        int result = sd_bus_call_method(bus_.get(), service, "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
                                        "ListUnitsByPatterns", &error, &reply, "asas", 1, "active", 3, "igotchuu@*.timer",
                                        "igotchuu-fresh@*.timer", "igotchuu-maintenance@*.timer");
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
            fail(-result, "cannot ask systemd for the timers of igotchuu");
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

/// "igotchuu@NAME", "igotchuu-fresh@NAME" or "igotchuu-maintenance@NAME", whose unit or drop-in `file` is.
std::string unit_in(std::string_view file)
{
    for (const std::string_view prefix : {"/igotchuu@", "/igotchuu-fresh@", "/igotchuu-maintenance@"})
        if (const auto begin = file.find(prefix); begin != file.npos) {
            const auto rest = file.substr(begin + 1);
            return std::string{rest.substr(0, std::min(rest.find(".service"), rest.find(".timer")))};
        }
    return {};
}

using Files = std::map<std::string, std::string>; // unit, as unit_in() → job or repository file

/// Whether systemd-analyze says it of one, without its file and line. What keeps it from looking at any names none.
bool names_a_unit(std::string_view line)
{
    return line.contains(".service") || line.contains(".timer");
}

/// What `systemd-analyze verify` says of these units, told in the words of the files that they come from. Throws Failure when it did not come to its end:
/// it fails for what it finds, too, but says then of which unit.
bool analyze(const std::vector<std::string> &units, const Files &files, const StopRequest &stop)
{
    Command command{.arguments = {programs::systemd_analyze, "verify", "--man=no", "--recursive-errors=no"},
                    .environment = {"PATH=/usr/bin", "LANG=C.UTF-8", "SYSTEMD_COLORS=0",
                                    "SYSTEMD_UNIT_PATH=/run/systemd/generator:"}}; // without, it finds no generated unit
    command.arguments.insert(command.arguments.end(), units.begin(), units.end());
    bool sound = true, found = false;
    std::string of_itself;
    Lines lines{[&](std::string_view line) {
        const auto complaint = parse_complaint(line);
        if (complaint || names_a_unit(line))
            found = true;
        else
            of_itself = ": " + printable(line);
        const auto file = complaint ? files.find(unit_in(complaint->file)) : files.end();
        if (file == files.end())
            return;
        sound = false;
        std::cerr << printable(std::format("{}: {}: {}", file->second, line_of(complaint->file, complaint->line), complaint->text))
                  << '\n';
    }};
    Child child{command};
    const auto end = child.wait([](std::string_view) {}, [&](std::string_view bytes) { lines.feed(bytes); },
                                {.stop = stop.fd(), .at_most = std::chrono::minutes{1}});
    lines.finish();
    stop.check();
    if (end.signal != 0 || (end.status != 0 && !found))
        throw Failure{
            std::format("cannot check the lines of the units: systemd-analyze verify {}{} (to try it again: systemctl start "
                        "igotchuu-verify)",
                        describe(end, ProgramWords{""}), of_itself)};
    return sound;
}

/// Goes through what was loaded, says what is wrong with it, and gathers the units that systemd-analyze(1) shall look at.
class Look
{
public:
    explicit Look(const Manager &manager) : manager_{manager} {}

    void at(const LoadedJobs &loaded)
    {
        say(loaded.nameless);
        for (const auto &[instance, files, job] : loaded.jobs) {
            known_.push_back(unit_in('/' + service_of(instance)));
            const bool may_have_objective = !job || job->objective > std::chrono::hours{0}; // a broken one says enough itself
            if (may_have_objective)
                known_.push_back(unit_in('/' + fresh_service_of(instance)));
            if (!job) {
                say(job.error().diagnostics());
                continue;
            }
            warn(job->warnings);
            at({job->file, service_of(instance), timer_of(instance), "nothing runs by itself"}, job->timer);
            if (may_have_objective)
                at({job->file, fresh_service_of(instance), fresh_timer_of(instance), "nobody looks how fresh it is"}, of_looks);
        }
    }
    void at(const LoadedRepositories &loaded)
    {
        say(loaded.nameless);
        if (const auto embedded = embedded_repository().name;
            !std::ranges::contains(loaded.repositories, embedded, &LoadedRepository::instance))
            nag(embedded, embedded);
        for (const auto &[instance, files, repository, warnings] : loaded.repositories) {
            if (repository && !repository->maintained) {
                nag(repository->name, instance);
                continue;
            }
            known_.push_back(unit_in('/' + maintenance_service_of(instance)));
            if (!repository) {
                say(repository.error().diagnostics());
                continue;
            }
            warn(warnings);
            nag(repository->name, instance);
            at({repository->file, maintenance_service_of(instance), maintenance_timer_of(instance), "nothing runs by itself"},
               repository->maintenance.timer);
        }
    }

    void at(const std::optional<std::expected<Notify, ConfigError>> &notify)
    {
        if (notify && !*notify)
            say(notify->error().diagnostics());
    }

    /// A timer that is still in memory though its file went away: it never fires (the template has no schedule), and somebody has to end it.
    void for_orphans()
    {
        for (const auto &timer : manager_.timers()) {
            const auto unit = unit_in('/' + timer);
            if (std::ranges::contains(known_, unit) || is_an_admins(timer))
                continue;
            const auto instance = unit.substr(unit.find('@') + 1);
            const auto is_job = timer == timer_of(instance);
            if (timer == fresh_timer_of(instance)) {
                complain(
                    std::format("{} is still there, but its job has no objective any more, or is gone: it looks at nothing. To "
                                "end it: systemctl stop '{}'; systemctl reset-failed '{}'",
                                timer, timer, fresh_service_of(instance)));
                continue;
            }
            complain(std::format("{} is still there, but its {} is gone: it {} any more. To end it: systemctl stop '{}' && "
                                 "rm -f '/var/lib/igotchuu/{}/{}.json'",
                                 timer, is_job ? "job file" : "repository file, or its maintenance,",
                                 is_job ? "backs nothing up" : "maintains nothing", timer, is_job ? "jobs" : "repositories",
                                 instance));
        }
    }

    void at(const std::vector<Orphan> &orphans)
    {
        for (const auto &[instance, kept] : orphans)
            complain(std::format("{}: the job's file is gone, and instants of it are kept, which nobody sends. To drop them: {} "
                                 "pending --drop '{}'",
                                 kept.file, programs::igotchuu_exec, instance));
    }
    [[nodiscard]] bool is_sound(const StopRequest &stop) const
    {
        return (units_.empty() || analyze(units_, files_, stop)) && sound_;
    }

private:
    static void warn(const std::vector<Diagnostic> &warnings)
    {
        for (const auto &warning : warnings)
            std::cerr << to_string(warning) << '\n';
    }
    static void nag(const std::string &repository, const std::string &instance)
    {
        const auto record = read_repository_record({}, instance);
        if (record && record->recovery_key && !record->recovery_key->confirmed)
            std::cerr << nag_about_recovery_key(repository) << '\n';
    }
    void say(const std::vector<Diagnostic> &faults)
    {
        warn(faults);
        sound_ &= faults.empty();
    }
    /// A service, its timer, and what it means when that is dead.
    struct Units {
        const std::string &file;
        std::string service, timer;
        std::string_view without_timer;
    };
    void at(const Units &units, const std::vector<UnitSetting> &schedule)
    {
        const auto &[file, service, timer, without_timer] = units;
        files_[unit_in('/' + service)] = file;
        units_.push_back(service);
        if (!has_schedule(schedule))
            return;
        units_.push_back(timer);
        if (const auto state = manager_.state(timer, "LoadState"); state != "loaded")
            complain(std::format("{}: systemd cannot use its timer {} ({}): {}", file, timer, state, without_timer));
        else if (only_goes_on(schedule) && manager_.state(timer, "SubState") == "elapsed")
            complain(std::format("{}: its timer {} counts from a run before, and there was none since the boot: {}", file, timer,
                                 without_timer));
        else if (is_dead(timer, schedule))
            complain(std::format(
                "{}: its timer {} has no next time. If its schedule has one, it had none before: systemctl restart '{}'", file,
                timer, timer));
    }
    void complain(const std::string &sentence)
    {
        std::cerr << printable(sentence) << '\n';
        sound_ = false;
    }
    /// It has a file of its own, which is none of the generator's and no template: it fires without a file of ours.
    [[nodiscard]] bool is_an_admins(const std::string &timer) const
    {
        const auto file = manager_.state(timer, "FragmentPath");
        return !file.empty() && !file.starts_with("/run/systemd/generator") && !file.contains("@.");
    }
    /// A timer that was running when its schedule was wrong for a while stays so when it is mended (systemd 257). Of one without a calendar it is its way.
    [[nodiscard]] bool is_dead(const std::string &timer, const std::vector<UnitSetting> &schedule) const
    {
        return std::ranges::contains(schedule, "OnCalendar", &UnitSetting::key) && manager_.state(timer, "SubState") == "elapsed";
    }

    static inline const std::vector<UnitSetting> of_looks{{"OnCalendar", ""}}; ///< of which times is the generator's affair
    const Manager &manager_;
    bool sound_ = true;
    Files files_;
    std::vector<std::string> units_, known_;
};

} // namespace

ExitStatus verify(const SearchPath &path, const StopRequest &stop)
{
    const Manager manager;
    Look look{manager};
    look.at(load_jobs(path));
    look.at(load_repositories(path));
    look.at(load_notify(path));
    look.for_orphans();
    look.at(kept_without_job());
    return look.is_sound(stop) ? ExitStatus::success : ExitStatus::bad_configuration;
}

} // namespace igotchuu
