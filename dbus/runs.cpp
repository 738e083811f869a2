// SPDX-License-Identifier: MIT
#include "dbus/runs.hpp"

#include "job/error.hpp"
#include "job/state-files.hpp"
#include "job/unit-name.hpp"

#include <sys/inotify.h>
extern "C" {
#include <sys/pidfd.h>
}

#include <algorithm>
#include <array>
#include <filesystem>
#include <ranges>
#include <stdexcept>
#include <utility>

namespace igotchuu
{
namespace
{

/// An end that nobody told is news for this long: for the run whose start started us, and which was quicker.
constexpr std::chrono::seconds news{10};

int watch(const Fd &inotify, const std::filesystem::path &directory, std::uint32_t events)
{
    const int descriptor = inotify_add_watch(inotify.get(), directory.c_str(), events | IN_ONLYDIR);
    if (descriptor < 0)
        fail(errno, "cannot watch {} (systemd-tmpfiles --create makes it)", directory.native());
    return descriptor;
}

/// Of "INSTANCE.json"; nothing for any other file: one that is being written, or whose name no unit can have.
std::optional<std::string> instance_of_file(const std::filesystem::path &file)
try {
    std::string stem = file.stem().native();
    if (file.extension() != ".json" || file.native().starts_with('.') || instance_of(stem) != stem)
        return std::nullopt;
    return stem;
} catch (const std::invalid_argument &) {
    return std::nullopt;
}

/// Not what a clock that was set back since has left in the future.
bool is_news(Clock::time_point time)
{
    const auto now = Clock::now();
    return time >= now - news && time <= now + news;
}

/// Of igotchuu-exec.
Outcome outcome_of(std::optional<int> status)
{
    for (const Outcome outcome :
         {Outcome::success, Outcome::partial, Outcome::stopped, Outcome::bad_configuration, Outcome::not_now})
        if (status == std::to_underlying(exit_status(outcome)))
            return outcome;
    return status ? Outcome::failed : Outcome::killed;
}

/// Takes another process for it where its number is in use again: nothing else of it can be seen from here.
Fd process_of(const Activity &activity)
{
    return Fd{pidfd_open(activity.process, 0)};
}

std::vector<std::string> instances_in(const std::filesystem::path &directory, std::filesystem::file_time_type since)
{
    std::vector<std::string> instances;
    for (const auto &entry : std::filesystem::directory_iterator{directory}) {
        std::error_code vanished;
        const auto instance = instance_of_file(entry.path().filename());
        if (instance && entry.last_write_time(vanished) >= since && !vanished)
            instances.push_back(*instance);
    }
    return instances;
}

} // namespace

Runs::Runs(Loop &loop, Systemd &systemd, Listener listener, StateDirectories where)
    : systemd_{systemd}, listener_{std::move(listener)}, where_{std::move(where)},
      inotify_{inotify_init1(IN_CLOEXEC | IN_NONBLOCK)}, activities_{watch(inotify_, where_.activity, IN_MOVED_TO | IN_DELETE)},
      records_{watch(inotify_, where_.records, IN_MOVED_TO)}, readable_{loop.when_readable(inotify_.get(), [this] { changed(); })},
      loop_{loop}
{
}

const Activity *Runs::activity(const std::string &instance) const
{
    const auto found = units_.find(instance);
    return found == units_.end() || !found->second.activity ? nullptr : &*found->second.activity;
}

std::vector<std::string> Runs::running() const
{
    std::vector<std::string> instances;
    for (const auto &[instance, unit] : units_)
        if (unit.activity)
            instances.push_back(instance);
    return instances;
}

std::vector<std::string> Runs::not_idle() const
{
    std::vector<std::string> instances;
    for (const auto &[instance, unit] : units_)
        if (state(instance) != "idle")
            instances.push_back(instance);
    return instances;
}

std::string Runs::name(const std::string &instance) const
{
    if (const Activity *now = activity(instance))
        return now->job;
    return newest(instance).value_or(Record{}).job;
}

std::string_view Runs::state(const std::string &instance) const
{
    const auto found = units_.find(instance);
    if (found == units_.end() || found->second.of_systemd.over())
        return found != units_.end() && found->second.activity ? "running" : "idle"; // by hand, or not
    const Unit &unit = found->second;
    if (unit.activity)
        return unit.of_systemd.active_state == "deactivating" ? "stopping" : "running";
    if (unit.ended && exit_status(*unit.ended) == ExitStatus::not_now && unit.of_systemd.active_state == "activating")
        return "waiting";
    return unit.ended || unit.of_systemd.active_state == "deactivating" ? "stopping" : "starting";
}

bool Runs::idle() const
{
    return std::ranges::all_of(units_, [this](const auto &entry) { return state(entry.first) == "waiting"; });
}

void Runs::begin()
{
    scan();
}

void Runs::scan()
{
    for (const std::string &instance : instances_in(where_.activity, std::filesystem::file_time_type::min())) {
        const auto activity = read_activity(where_, instance);
        const auto of_systemd = systemd_.unit(service_of(instance));
        if (activity && (activity->invocation_id == of_systemd.invocation_id ? !of_systemd.over() : bool{process_of(*activity)}))
            activity_changed(instance);
    }
    for (const auto &[instance, waits] : systemd_.busy())
        if (Unit &busy = unit(instance); !busy.activity) {
            if (waits)
                busy.ended = Outcome::not_now;
            catch_up(instance);
        }
    for (const std::string &instance : instances_in(where_.records, std::filesystem::file_time_type::clock::now() - news))
        record_changed(instance);
    const auto told = announced_.jobs(); // a copy: it changes below
    for (const auto &[instance, of_job] : told) {
        if (of_job.begun.empty() || activity(instance) != nullptr)
            continue;
        gone(instance, {.invocation_id = of_job.begun, .started = Clock::now()});
    }
}

void Runs::changed()
{
    alignas(inotify_event) std::array<char, 16'384> buffer;
    for (ssize_t size; (size = ::read(inotify_.get(), buffer.data(), buffer.size())) > 0;) {
        const inotify_event *event = nullptr;
        for (const char *at = buffer.data(); at < buffer.data() + size; at += sizeof *event + event->len) {
            event = reinterpret_cast<const inotify_event *>(at);
            if ((event->mask & IN_Q_OVERFLOW) != 0)
                scan();
            if ((event->mask & IN_IGNORED) != 0)
                fail(ENOENT, "cannot watch {} and {} any longer", where_.activity.native(), where_.records.native());
            const auto instance = event->len == 0 ? std::nullopt : instance_of_file(event->name);
            if (instance && event->wd == activities_)
                activity_changed(*instance);
            else if (instance && event->wd == records_)
                record_changed(*instance);
        }
    }
}

void Runs::activity_changed(const std::string &instance)
{
    auto now = read_activity(where_, instance);
    const auto known = units_.find(instance);
    const bool was_known = known != units_.end() && known->second.activity;
    if (now && announced_.of(instance).has_ended(now->invocation_id))
        return; // its last word came before this one was seen
    if (now && was_known && known->second.activity->invocation_id == now->invocation_id) {
        known->second.activity = std::move(now);
        listener_.progressed(instance, *known->second.activity);
    } else if (now) {
        if (!tell_of_earlier(instance, now->invocation_id))
            return;
        Unit &of_run = unit(instance);
        of_run.activity = std::move(now);
        of_run.ended.reset();
        of_run.silent = false;
        watch_process(instance, of_run);
        tell_begin(instance, *of_run.activity);
    } else if (was_known) {
        record_changed(instance);
        if (known->second.activity && of_unit(instance, *known->second.activity))
            known->second.silent = true;
        else if (known->second.activity)
            tell_end_of(instance, Activity{*known->second.activity});
    }
}

/// The run is over: as its record says, or killed.
void Runs::gone(const std::string &instance, const Activity &activity)
{
    record_changed(instance);
    tell_end_of(instance, activity);
}

bool Runs::of_unit(const std::string &instance, const Activity &activity)
{
    return systemd_.unit(service_of(instance)).invocation_id == activity.invocation_id;
}

/// What ended while this process looked away comes before the next begin. False: so did this run.
bool Runs::tell_of_earlier(const std::string &instance, const std::string &invocation_id)
{
    record_changed(instance);
    const std::string begun = announced_.of(instance).begun;
    if (!begun.empty() && begun != invocation_id)
        tell_end_of(instance, {.invocation_id = begun, .started = Clock::now()});
    return !announced_.of(instance).has_ended(invocation_id);
}

/// A run by hand has no unit that says so when it is killed.
void Runs::watch_process(const std::string &instance, Unit &unit)
{
    unit.let_go_of_process();
    unit.process = process_of(*unit.activity);
    if (unit.process)
        unit.process_ends = loop_.when_readable(unit.process.get(), [this, instance] { process_ended(std::string{instance}); });
}

void Runs::Unit::let_go_of_process()
{
    process_ends.reset();
    process = {};
}

void Runs::process_ended(const std::string &instance)
{
    changed(); // what the run said before it ended
    const auto known = units_.find(instance);
    if (known == units_.end())
        return;
    known->second.let_go_of_process();
    if (known->second.activity && !of_unit(instance, *known->second.activity))
        gone(instance, Activity{*known->second.activity});
}

/// Oldest first, the runs of the record that nobody was told the end of.
void Runs::record_changed(const std::string &instance)
{
    const auto record = read_record(where_, instance);
    if (!record)
        return;
    const Announced::Told told = announced_.of(instance);
    std::vector<const Run *> untold;
    for (const Run &run : record->history) {
        if (told.has_ended(run.invocation_id))
            break;
        if (run.invocation_id == told.begun || is_news(run.ended))
            untold.push_back(&run);
    }
    for (const Run *run : std::views::reverse(untold)) {
        if (run->invocation_id != announced_.of(instance).begun && run->outcome != Outcome::bad_configuration)
            tell_begin(instance,
                       {.job = record->job, .file = record->file, .invocation_id = run->invocation_id, .started = run->started});
        tell_end(instance, *run);
    }
    listener_.recorded(instance, *record);
}

Runs::Unit &Runs::unit(const std::string &instance)
{
    if (!services_change_)
        services_change_ =
            systemd_.watch_services([this](const std::string &of, const std::string &state) { unit_seen(of, state); });
    return units_[instance];
}

void Runs::will_begin(const std::string &instance)
{
    Unit &begins = unit(instance);
    if (begins.of_systemd.over())
        begins.of_systemd.active_state = "activating";
    listener_.unit_changed(instance);
    catch_up(instance);
}

/// Of a run that has said nothing yet, too.
void Runs::unit_seen(const std::string &instance, const std::string &active_state)
{
    if (!Systemd::Unit{.active_state = active_state}.over())
        unit(instance);
    loop_.call([&] { unit_changed(instance, active_state); });
}

void Runs::unit_changed(const std::string &instance, const std::string &active_state)
{
    changed(); // what the run said before it ended
    const auto known = units_.find(instance);
    if (known == units_.end())
        return;
    known->second.of_systemd.active_state = active_state;
    const bool over = known->second.of_systemd.over();
    if (over)
        known->second.ended.reset();
    if (known->second.activity && known->second.silent && active_state != "activating") {
        tell_end_of(instance, Activity{*known->second.activity}, outcome_of(systemd_.exit_status(service_of(instance))));
    } else if (over && known->second.activity) {
        const auto now = systemd_.unit(service_of(instance)); // the next run may have begun since
        if (now.over() && now.invocation_id == known->second.activity->invocation_id)
            gone(instance, Activity{*known->second.activity}); // killed, and what should have said so as well
    }
    listener_.unit_changed(instance);
    if (over && !known->second.activity) // not at once: it is its own slot that calls here
        forget_ = loop_.after({}, [this] {
            std::erase_if(units_, [](const auto &entry) { return !entry.second.activity && entry.second.of_systemd.over(); });
            if (units_.empty())
                services_change_.reset();
        });
}

void Runs::tell_begin(const std::string &instance, const Activity &activity)
{
    if (announced_.of(instance).begun == activity.invocation_id)
        return listener_.progressed(instance, activity);
    listener_.began(instance, activity);
    announced_.began(instance, activity.invocation_id);
}

void Runs::tell_end(const std::string &instance, const Run &run)
{
    if (exit_status(run.outcome) == ExitStatus::not_now)
        unit(instance); // it waits now, perhaps, though nobody saw it run
    const auto known = units_.find(instance);
    if (known != units_.end() && known->second.activity && known->second.activity->invocation_id == run.invocation_id) {
        known->second.activity.reset();
        known->second.let_go_of_process();
    }
    if (known != units_.end() && !known->second.activity)
        known->second.ended = run.outcome;
    listener_.ended(instance, run);
    announced_.ended(instance, run.invocation_id);
    if (known != units_.end())
        catch_up(instance);
}

/// What systemd has said until now may have been missed.
void Runs::catch_up(const std::string &instance)
{
    systemd_.active_state(service_of(instance), [this, instance](const Systemd::Said<std::string> &state) {
        if (state)
            unit_seen(instance, *state);
    });
}

/// Unless it was told: the run is over, and no record says how.
void Runs::tell_end_of(const std::string &instance, const Activity &activity, Outcome outcome)
{
    if (announced_.of(instance).has_ended(activity.invocation_id))
        return;
    tell_end(instance, {.invocation_id = activity.invocation_id,
                        .started = activity.started,
                        .ended = std::max(Clock::now(), activity.started),
                        .outcome = outcome,
                        .message = "it ended without a word that could be kept; the journal may know more"});
}

} // namespace igotchuu
