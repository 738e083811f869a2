// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <sdbus-c++/IConnection.h>
#include <sdbus-c++/IProxy.h>
#include <string>
#include <vector>

namespace igotchuu
{

/// sd_bus_path_encode(3).
[[nodiscard]] sdbus::ObjectPath encoded_path(const char *prefix, const std::string &name);

/// Of an answer of systemd's: the unit that it was asked about is not loaded.
[[nodiscard]] bool is_about_no_unit(const sdbus::Error &error);

/// PID 1 over the bus, org.freedesktop.systemd1(5). Nothing here waits but where it says so; each answer comes once, from the event loop.
class Systemd
{
public:
    using Then = std::function<void(const std::optional<sdbus::Error> &)>;
    template <typename What>
    using Said = std::expected<What, sdbus::Error>;
    template <typename What>
    using ThenWith = std::function<void(const Said<What> &)>;

    struct Unit {
        std::string active_state = "inactive";
        std::string invocation_id{}; ///< of its last run; empty: it never ran

        /// It does nothing, and will not without being told.
        [[nodiscard]] bool over() const { return active_state == "inactive" || active_state == "failed"; }
    };
    struct Busy {
        std::string instance;
        bool waits; ///< systemd tries it again later
    };
    struct Timer {
        std::string name;
        std::string instance;
        std::string active_state;
        std::string load_state;
        sdbus::ObjectPath object;
    };

    /// Asks for systemd's signals.
    explicit Systemd(sdbus::IConnection &bus);

    void start(const std::string &unit, Then then); ///< answers when the job is queued
    void stop(const std::string &unit, Then then);
    void reset_failed(const std::string &unit, Then then);
    void reload(Then then); ///< answers when it is over
    /// Those that are loaded, and whose names match one of `patterns`.
    void list_timers(const std::vector<std::string> &patterns, ThenWith<std::vector<Timer>> then);
    /// What org.freedesktop.systemd1.Unit has of a timer.
    void timer_property(const sdbus::ObjectPath &object, const char *name, ThenWith<sdbus::Variant> then);
    /// "inactive" for one that is not loaded, "activating" also for one that waits for another unit to begin.
    void active_state(const std::string &unit, ThenWith<std::string> then);
    /// In microseconds since the epoch; 0: never. On an error `then` is not called: what was known is as good.
    void next_elapse(const sdbus::ObjectPath &object, std::function<void(std::uint64_t)> then);

    /// These wait for the answer, a second at most, and throw sdbus::Error where none comes.
    /// As if it never ran where it is not loaded.
    [[nodiscard]] Unit unit(const std::string &name);
    /// Of the last run's main process; nothing: a signal ended it, or it is not loaded any more.
    [[nodiscard]] std::optional<int> exit_status(const std::string &service);
    /// Whether a run of any job begins, goes on or ends, as far as systemd knows; one that waits for its next try does not. True also when nothing answers.
    [[nodiscard]] bool a_run_is_under_way();

    /// The jobs whose service does something, or will without being told.
    [[nodiscard]] std::vector<Busy> busy();

    /// Calls `changed`, with what active_state() says, whenever the service of a job may have changed, as long as the slot lives: one rule for all, since the bus has a limit (512).
    [[nodiscard]] sdbus::Slot
    watch_services(std::function<void(const std::string &instance, const std::string &active_state)> changed);
    /// Calls `changed` with the object of any timer whose next time may have changed.
    void when_timers_change(std::function<void(const sdbus::ObjectPath &)> changed);
    /// After each daemon-reload, whoever asked for it.
    void when_reloaded(std::function<void()> reloaded);

    [[nodiscard]] bool idle() const noexcept { return under_way_ == 0; }

private:
    /// dbus-daemon(1), max_replies_per_connection, is 128: what is asked beyond this waits here, or it would fail there. Authorization needs its part, too.
    static constexpr std::size_t under_way_max = 48;

    void ask(std::function<void()> question); ///< whose answer calls answered()
    void answered();
    [[nodiscard]] sdbus::IProxy &timer(const sdbus::ObjectPath &object);
    void call(const char *method, const std::vector<std::string> &arguments, Then then);

    sdbus::IConnection &bus_;
    std::unique_ptr<sdbus::IProxy> manager_;
    std::map<std::string, std::unique_ptr<sdbus::IProxy>> timers_; ///< by object
    std::function<void()> reloaded_;
    std::size_t under_way_ = 0;
    std::deque<std::function<void()>> waiting_;
};

} // namespace igotchuu
