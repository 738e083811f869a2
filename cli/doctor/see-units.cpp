// SPDX-License-Identifier: MIT
#include "cli/doctor/see-units.hpp"

#include "cli/systemd.hpp"
#include "job/diagnostic.hpp"
#include "job/timers.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <format>
#include <fstream>
#include <string_view>
#include <system_error>
#include <tuple>
#include <unistd.h>

namespace igotchuu::doctor
{

namespace
{

namespace fs = std::filesystem;

/// How the timers, services and files for cron are called that start other programs that back up. snapper, btrbk and their like take snapshots, which are no backup.
const std::vector<std::string> other_programs{"autorestic",   "backupninja", "borgbackup",    "borgmatic", "duplicity", "kopia",
                                              "rdiff-backup", "restic",      "resticprofile", "rsnapshot", "rustic"};

/// systemctl mask(1) makes a link of that; one that nobody has loaded is in no list.
bool is_masked(const std::string &unit)
{
    return std::ranges::any_of(std::to_array<const char *>({"/etc/systemd/system", "/run/systemd/system"}),
                               [&](const fs::path &directory) {
                                   std::error_code none;
                                   return fs::read_symlink(directory / unit, none) == "/dev/null";
                               });
}

TimerSeen::State state_of(const Systemd::Unit *unit)
{
    if (unit == nullptr)
        return TimerSeen::State::off;
    if (unit->load_state == "masked")
        return TimerSeen::State::masked;
    if (unit->load_state != "loaded")
        return TimerSeen::State::unusable;
    return unit->active_state == "active" ? TimerSeen::State::runs : TimerSeen::State::off;
}

bool is_ours(Systemd &systemd, const Systemd::Unit &unit)
{
    KnownTimer timer;
    std::tie(timer.fragment_path, timer.unit_file_state) = systemd.origin(unit);
    return is_made_by_generator(timer);
}

void see_timers(Seen &seen, Systemd &systemd, const std::vector<std::string> &wanted)
{
    const auto units = systemd.units({timer_patterns.begin(), timer_patterns.end()});
    std::vector<Systemd::Unit> running;
    for (const auto &unit : units) {
        if (unit.active_state != "active")
            continue;
        if (unit.load_state == "loaded")
            running.push_back(unit);
        if (!std::ranges::contains(wanted, unit.name) && (unit.load_state != "loaded" || is_ours(systemd, unit)))
            seen.timers_without_file.push_back(unit.name);
    }
    const auto schedules = systemd.schedules(running);
    for (auto &timer : seen.timers) {
        const auto unit = std::ranges::find(units, timer.unit, &Systemd::Unit::name);
        const auto runs = std::ranges::find(running, timer.unit, &Systemd::Unit::name);
        timer.state = is_masked(timer.unit) ? TimerSeen::State::masked : state_of(unit == units.end() ? nullptr : &*unit);
        if (timer.state == TimerSeen::State::runs && schedules[static_cast<std::size_t>(runs - running.begin())].never_again)
            timer.state = TimerSeen::State::never_again;
    }
}

void see_other_timers(Seen &seen, Systemd &systemd)
{
    std::vector<std::string> patterns;
    for (const auto &program : other_programs)
        patterns.push_back(program + "*.timer");
    for (const auto &unit : systemd.units(patterns))
        if (unit.active_state == "active")
            seen.other_timers.push_back(unit.name);
}

/// crontab(5): the others are empty, comments, or set a variable.
bool is_entry(const std::string &line)
{
    const auto from = line.find_first_not_of(" \t");
    return from != line.npos && std::string_view{"0123456789*@-~"}.contains(line[from]); // of the minutes, or a word like @daily
}

/// Packages come with a file in which all is a comment, and leave one behind when they go.
bool has_entries(const fs::path &table)
{
    std::ifstream file{table};
    std::string line;
    while (std::getline(file, line))
        if (is_entry(line))
            return true;
    return false;
}

/// run-parts(8) starts no other.
bool is_program(const fs::path &file)
{
    std::error_code none;
    const auto status = fs::status(file, none);
    constexpr auto any = fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;
    return fs::is_regular_file(status) && (status.permissions() & any) != fs::perms::none;
}

bool is_of_other_program(const std::string &name)
{
    return !name.contains('.') && // cron(8)
           std::ranges::any_of(other_programs, [&](const auto &program) { return name.starts_with(program); });
}

void see_file_for_cron(Seen &seen, const fs::path &file)
{
    const bool is_table = file.parent_path() == "/etc/cron.d";
    if (is_table && access(file.c_str(), R_OK) < 0 && errno == EACCES)
        seen.unseen.push_back(std::format("not looked at: {}, which only root may read", printable(file.native())));
    else if (is_table ? has_entries(file) : is_program(file))
        seen.other_files.push_back(file);
}

void see_files_for_cron(Seen &seen)
{
    for (const auto *const when : {"d", "hourly", "daily", "weekly", "monthly"}) {
        std::error_code none;
        for (const auto &entry : fs::directory_iterator{std::format("/etc/cron.{}", when), none})
            if (is_of_other_program(entry.path().filename().native()))
                see_file_for_cron(seen, entry.path());
    }
}

} // namespace

void see_units(Seen &seen, const std::vector<std::string> &wanted)
{
    see_files_for_cron(seen);
    try {
        Systemd systemd;
        see_timers(seen, systemd, wanted);
        see_other_timers(seen, systemd);
    } catch (const sdbus::Error &error) {
        seen.unseen.push_back(std::format("not looked at: timers, ours and those of other programs: systemd cannot be asked ({})",
                                          printable(error.getMessage())));
        std::erase_if(seen.timers, [](const TimerSeen &timer) { return !is_masked(timer.unit); });
        for (auto &timer : seen.timers)
            timer.state = TimerSeen::State::masked;
    }
}

} // namespace igotchuu::doctor
