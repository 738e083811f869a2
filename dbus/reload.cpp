// SPDX-License-Identifier: MIT
#include "dbus/reload.hpp"

#include "dbus/errors.hpp"
#include "job/diagnostic.hpp"
#include "job/timers.hpp"
#include "job/unit-name.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace igotchuu
{
namespace
{

/// `then` when all parts are answered, and all_asked() was called.
class Together
{
public:
    explicit Together(Systemd::Then then) : then_{std::move(then)} {}

    [[nodiscard]] static Systemd::Then part(const std::shared_ptr<Together> &whole)
    {
        ++whole->left_;
        return [whole](const std::optional<sdbus::Error> &failure) {
            if (failure)
                whole->failure_ = failure;
            whole->one_less();
        };
    }
    void all_asked() { one_less(); }

private:
    void one_less()
    {
        if (--left_ == 0)
            then_(failure_);
    }

    Systemd::Then then_;
    std::optional<sdbus::Error> failure_;
    std::size_t left_ = 1; ///< answers, and all_asked()
};

/// systemctl start timers.target minds no unit that the administrator has masked, either.
Systemd::Then unless_masked(Systemd::Then then)
{
    return [then = std::move(then)](const std::optional<sdbus::Error> &failure) {
        then(failure && failure->getName() == "org.freedesktop.systemd1.UnitMasked" ? std::nullopt : failure);
    };
}

sdbus::Error not_taken(const sdbus::Error &failure)
{
    return error::make(error::systemd_failed, "systemd did not take all of it: {} (journalctl -u 'igotchuu*')",
                       failure.getMessage());
}

std::vector<KnownTimer> states_of(const std::vector<Systemd::Timer> &timers)
{
    std::vector<KnownTimer> all;
    for (const Systemd::Timer &timer : timers)
        all.push_back({.name = timer.name, .load_state = timer.load_state, .active_state = timer.active_state});
    return all;
}

/// Kept by the answers that it waits for.
class Reload : public std::enable_shared_from_this<Reload>
{
public:
    Reload(Systemd &systemd, Systemd::Then then) : systemd_{systemd}, then_{std::move(then)} {}

    void begin()
    {
        list([self = shared_from_this()](const std::vector<Systemd::Timer> &timers) {
            self->before_ = states_of(timers);
            self->systemd_.reload([self](const std::optional<sdbus::Error> &failure) {
                if (failure)
                    return self->then_(not_taken(*failure));
                self->list([self](const std::vector<Systemd::Timer> &now) { self->see(now); });
            });
        });
    }

private:
    /// Whoever takes no answer for no timers starts what an administrator has stopped, and leaves orphans.
    void list(std::function<void(const std::vector<Systemd::Timer> &)> then)
    {
        systemd_.list_timers(
            {timer_patterns.begin(), timer_patterns.end()},
            [self = shared_from_this(), then = std::move(then)](const Systemd::Said<std::vector<Systemd::Timer>> &timers) {
                if (timers)
                    then(*timers);
                else
                    self->then_(not_taken(timers.error()));
            });
    }
    void see(const std::vector<Systemd::Timer> &timers);
    void ask(std::size_t at, const sdbus::ObjectPath &timer, const std::shared_ptr<Together> &all);
    void tidy();

    Systemd &systemd_;
    Systemd::Then then_;
    WantedTimers wanted_;
    std::vector<KnownTimer> before_, now_;
};

void Reload::see(const std::vector<Systemd::Timer> &timers)
try {
    wanted_ = wanted_timers(SearchPath::standard());
    now_ = states_of(timers);
    const auto all = std::make_shared<Together>([self = shared_from_this()](const std::optional<sdbus::Error> &failure) {
        if (failure)
            self->then_(not_taken(*failure));
        else
            self->tidy();
    });
    for (std::size_t at = 0; at < timers.size(); ++at)
        ask(at, timers[at].object, all);
    all->all_asked();
} catch (const std::system_error &error) { // timers of jobs that cannot be seen are not those of jobs that are gone
    then_(jobs_unreadable(printable(error.what())));
}

/// What is gone meanwhile has no answer, and needs none.
void Reload::ask(std::size_t at, const sdbus::ObjectPath &timer, const std::shared_ptr<Together> &all)
{
    const auto property = [&](const char *name, std::function<void(KnownTimer &, const sdbus::Variant &)> take) {
        systemd_.timer_property(timer, name,
                                [self = shared_from_this(), at, take = std::move(take),
                                 answered = Together::part(all)](const Systemd::Said<sdbus::Variant> &value) {
                                    if (value)
                                        take(self->now_[at], *value);
                                    answered(value || is_about_no_unit(value.error()) ? std::nullopt
                                                                                      : std::optional{value.error()});
                                });
    };
    switch (question_about(now_[at], wanted_)) {
    case TimerQuestion::none:
        return;
    case TimerQuestion::origin:
        property("FragmentPath", [](KnownTimer &of, const sdbus::Variant &value) { of.fragment_path = value.get<std::string>(); });
        property("UnitFileState",
                 [](KnownTimer &of, const sdbus::Variant &value) { of.unit_file_state = value.get<std::string>(); });
        return;
    case TimerQuestion::past:
        property("ActiveEnterTimestamp",
                 [](KnownTimer &of, const sdbus::Variant &value) { of.has_run = value.get<std::uint64_t>() > 0; });
        return;
    }
    std::unreachable();
}

void Reload::tidy()
{
    const auto plan = plan_timers(wanted_, before_, now_);
    const auto all = std::make_shared<Together>([self = shared_from_this()](const std::optional<sdbus::Error> &failure) {
        self->then_(failure ? std::optional{not_taken(*failure)} : std::nullopt);
    });
    for (const auto *const timers : {&plan.gone, &plan.unusable})
        for (const std::string &timer : *timers) {
            systemd_.stop(timer, Together::part(all));
            systemd_.reset_failed(timer, [answered = Together::part(all)](const std::optional<sdbus::Error> &) {
                answered(std::nullopt); // it may not have failed
            });
        }
    for (const std::string &timer : plan.start)
        systemd_.start(timer, unless_masked(Together::part(all)));
    systemd_.start(verify_service, unless_masked(Together::part(all)));
    all->all_asked();
}

} // namespace

sdbus::Error jobs_unreadable(const std::string &why)
{
    return error::make(error::bad_configuration,
                       "{}; it and what it lies in need chmod a+rx for igotchuud, while the files in it may be root's alone", why);
}

void reload(Systemd &systemd, Systemd::Then then)
{
    std::make_shared<Reload>(systemd, std::move(then))->begin();
}

} // namespace igotchuu
