// SPDX-License-Identifier: MIT
#include "cli/doctor/checks.hpp"
#include "cli/shell.hpp"
#include "job/amount.hpp"
#include "job/diagnostic.hpp"

#include <algorithm>
#include <charconv>
#include <format>
#include <utility>

namespace igotchuu::doctor
{

namespace
{

using namespace std::chrono;

/// Of a file system; who has less of both may see no backup come to its end.
constexpr std::uint64_t percent_free_least = 5, bytes_free_least = std::uint64_t{10} << 30U;
/// Clocks differ by as much where several machines have written down what happened.
constexpr hours clocks_differ{1};
/// igotchuu is not older: a clock that is before it was never set.
constexpr sys_days oldest{year{2025} / January / 1};
constexpr unsigned restic_least = 17; ///< 0.17, as exec/restic/features.cpp has it

/// What a timer that is dead leaves undone.
std::pair<Severity, std::string_view> without(TimerSeen::Work work)
{
    switch (work) {
    case TimerSeen::Work::backup:
        return {Severity::critical, "nothing starts its backups"};
    case TimerSeen::Work::look:
        return {Severity::warning, "nobody looks how fresh its backups are"};
    case TimerSeen::Work::maintenance:
        return {Severity::warning, "it is neither pruned nor checked"};
    }
    std::unreachable();
}

/// What is wrong with a timer, and what to type.
Trouble trouble_of(const TimerSeen &timer)
{
    const auto unit = shell_word(timer.unit);
    switch (timer.state) {
    case TimerSeen::State::runs:
        return {};
    case TimerSeen::State::off:
        return {"does not run", std::format("systemctl start {}", unit)};
    case TimerSeen::State::masked:
        return {"is masked", std::format("systemctl unmask {0} && systemctl start {0}", unit)};
    case TimerSeen::State::unusable:
        return {"has a schedule that systemd does not understand", "igotchuu reload, which names the fault"};
    case TimerSeen::State::never_again:
        return {"has no next time", std::format("systemctl cat {}, and set its calendar right", unit)};
    }
    std::unreachable();
}

/// Whether "0.18.0" is a version that serves.
bool serves(std::string_view version)
{
    unsigned major = 0, minor = 0;
    const auto *const end = version.data() + version.size();
    const auto [dot, bad] = std::from_chars(version.data(), end, major);
    if (bad != std::errc{} || dot == end || *dot != '.' || std::from_chars(dot + 1, end, minor).ec != std::errc{})
        return false;
    return major > 0 || minor >= restic_least;
}

} // namespace

Ailments recovery_keys(const Seen &seen)
{
    Ailments found;
    for (const auto &[repository, instance, loaded, disks, key] : seen.repositories) {
        const auto name = shell_word(printable(repository.name));
        if (key == RepositorySeen::RecoveryKey::unconfirmed)
            found.push_back(
                {Severity::warning, printable(repository.name),
                 "nobody has confirmed that its recovery key is written down: nothing may open it when this machine is gone",
                 "igotchuu repository confirm " + name});
        else if (key == RepositorySeen::RecoveryKey::none && !repository.embedded() && repository.password.command.empty())
            found.push_back({Severity::warning, printable(repository.name),
                             "it has no recovery key: what opens it is, as far as igotchuu knows, on this machine alone",
                             "igotchuu repository init " + name});
    }
    return found;
}

Ailments timers(const Seen &seen)
{
    Ailments found;
    for (const auto &timer : seen.timers)
        if (timer.state != TimerSeen::State::runs) {
            const auto [severity, undone] = without(timer.work);
            auto [what, cure] = trouble_of(timer);
            found.push_back({severity, printable(timer.of), std::format("{} {}: {}", timer.unit, what, undone), std::move(cure)});
        }
    return found;
}

Ailments orphans(const Seen &seen)
{
    Ailments found;
    for (const auto &unit : seen.timers_without_file)
        found.push_back(
            {Severity::critical, printable(unit), "its file is gone, and it still runs: what it starts fails", "igotchuu reload"});
    for (const auto &instance : seen.kept_without_job)
        found.push_back({Severity::warning, printable(instance),
                         "the job's file is gone, and instants of it are kept that nobody sends: they hold what was deleted since",
                         std::format("{} pending --drop {}", IGOTCHUU_EXEC, shell_word(printable(instance)))});
    return found;
}

Ailments quota_groups(const Seen &seen)
{
    Ailments found;
    for (const auto &btrfs : seen.btrfs)
        if (btrfs.quota_groups)
            found.push_back(
                {Severity::warning, printable(btrfs.path),
                 "its btrfs has quota groups: it counts anew what snapshots share whenever one goes, and may stand still "
                 "for minutes",
                 "btrfs quota disable " + shell_word(printable(btrfs.path))});
    return found;
}

Ailments space(const Seen &seen)
{
    Ailments found;
    for (const auto &[path, of, all, free] : seen.spaces)
        if (all > 0 && free < all / 100 * percent_free_least && free < bytes_free_least)
            found.push_back({Severity::warning, printable(path),
                             std::format("{} of {}{} are free, which is less than {} %: a run may not come to its end",
                                         bytes_text(free), bytes_text(all), of.empty() ? "" : " for " + of, percent_free_least),
                             (of.empty() ? "df -h " : "btrfs filesystem usage ") + shell_word(printable(path))});
    return found;
}

Ailments clock(const Seen &seen)
{
    if (!seen.clock)
        return {};
    const auto &[synchronised, now, newest] = *seen.clock;
    if (now < oldest || now < newest - clocks_differ)
        return {{Severity::critical, "clock",
                 std::format("it says {}, and what is on record is later: what is kept, and what is late, is judged by it",
                             time_text(now)),
                 "timedatectl set-ntp true, or timedatectl set-time 'YYYY-MM-DD HH:MM'"}};
    if (!synchronised)
        return {{Severity::warning, "clock", "nobody sets it: schedules, and which backups are kept, go by it",
                 "timedatectl set-ntp true"}};
    return {};
}

Ailments restic(const Seen &seen)
{
    if (!seen.restic)
        return {};
    const auto &[path, version, failure] = *seen.restic;
    const auto cure = std::format("install restic, 0.{} or later, at {}", restic_least, printable(path));
    if (!failure.empty())
        return {{Severity::critical, "restic", printable(failure), cure}};
    if (!serves(version))
        return {{Severity::critical, "restic", std::format("{} is too old: each run fails", printable(version)), cure}};
    return {};
}

Ailments cache(const Seen &seen)
{
    if (seen.cache.why.empty())
        return {};
    return {{Severity::critical, "cache", seen.cache.why, seen.cache.cure}};
}

Ailments installation(const Seen &seen)
{
    Ailments found;
    for (const auto &[severity, about, trouble] : seen.missing)
        found.push_back({severity, printable(about), trouble.why, trouble.cure});
    return found;
}

Ailments other_backups(const Seen &seen)
{
    constexpr auto why =
        "it backs this machine up as well: where both write to one repository, one removes what the other keeps, and "
        "nobody looks at both";
    Ailments found;
    for (const auto &unit : seen.other_timers)
        found.push_back({Severity::warning, printable(unit), why,
                         std::format("if igotchuu does it now: systemctl disable --now {}", shell_word(printable(unit)))});
    for (const auto &file : seen.other_files)
        found.push_back(
            {Severity::warning, printable(file), why, std::format("if igotchuu does it now: rm {}", shell_word(printable(file)))});
    return found;
}

} // namespace igotchuu::doctor
