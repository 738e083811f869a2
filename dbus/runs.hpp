// SPDX-License-Identifier: MIT
#pragma once

#include "dbus/announced.hpp"
#include "dbus/loop.hpp"
#include "dbus/systemd.hpp"
#include "job/fd.hpp"
#include "job/state-files.hpp"

#include <functional>
#include <map>
#include <string>

namespace igotchuu
{

/// What runs, as the state files tell: inotify(7) on both directories. Each run's begin and end is told once, also when an igotchuud before this
/// one told a part; the end of a run that this process never saw is told when it is at most ten seconds old.
class Runs
{
public:
    struct Listener {
        std::function<void(const std::string &instance, const Activity &)> began, progressed;
        std::function<void(const std::string &instance, const Run &)> ended;
        std::function<void(const std::string &instance, const Record &)> recorded; ///< by a run, or by hand
        std::function<void(const std::string &instance)> unit_changed; ///< state() may have
    };

    /// Throws std::system_error: the directories are not there.
    Runs(Loop &loop, Systemd &systemd, Listener listener, StateDirectories where = {});
    void begin(); ///< tells of what is under way and what has just ended, and goes on from there
    void will_begin(const std::string &instance); ///< systemd has taken its start

    [[nodiscard]] const Activity *activity(const std::string &instance) const; ///< nullptr: it does not run
    [[nodiscard]] std::vector<std::string> running() const;
    [[nodiscard]] std::vector<std::string> not_idle() const; ///< those whose state() is another
    [[nodiscard]] std::string name(const std::string &instance) const; ///< of the job, as its runs have it; empty: it never ran
    /// Job1.State, as its XML has it.
    [[nodiscard]] std::string_view state(const std::string &instance) const;
    [[nodiscard]] std::optional<Record> newest(const std::string &instance) const { return read_newest(where_, instance); }
    [[nodiscard]] bool idle() const; ///< or all that is not waits for its next try: whoever is there by then finds that

private:
    struct Unit {
        std::optional<Activity> activity;
        bool silent = false; ///< the run has ended, and no record says how: its unit will
        Fd process{}; ///< of a run by hand
        Loop::Source process_ends{};
        std::optional<Outcome> ended; ///< since it last began
        Systemd::Unit of_systemd{.active_state = "activating"}; ///< as far as it is known

        void let_go_of_process();
    };

    void changed(); ///< the queue of inotify
    void scan();
    void activity_changed(const std::string &instance);
    void record_changed(const std::string &instance);
    void unit_seen(const std::string &instance, const std::string &active_state);
    void unit_changed(const std::string &instance, const std::string &active_state);
    void catch_up(const std::string &instance);
    void watch_process(const std::string &instance, Unit &unit);
    void process_ended(const std::string &instance);
    void gone(const std::string &instance, const Activity &activity);
    [[nodiscard]] bool of_unit(const std::string &instance, const Activity &activity);
    [[nodiscard]] bool tell_of_earlier(const std::string &instance, const std::string &invocation_id);
    void tell_begin(const std::string &instance, const Activity &activity);
    void tell_end(const std::string &instance, const Run &run);
    void tell_end_of(const std::string &instance, const Activity &activity, Outcome outcome = Outcome::killed);
    Unit &unit(const std::string &instance);

    Systemd &systemd_;
    Listener listener_;
    StateDirectories where_;
    Announced announced_;
    Fd inotify_;
    int activities_, records_; ///< watches
    Loop::Source readable_, forget_;
    Loop &loop_;
    std::map<std::string, Unit> units_;
    /// Only while there are such units: every other's changes come, too, and would keep igotchuud from ending.
    sdbus::Slot services_change_{};
};

} // namespace igotchuu
