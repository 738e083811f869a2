// SPDX-License-Identifier: MIT
#include "dbus/authorization.hpp"

#include "dbus/errors.hpp"
#include "job/unit-name.hpp"

#include <sdbus-c++/sdbus-c++.h>
#include <systemd/sd-bus.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

namespace igotchuu
{
namespace
{

constexpr std::chrono::milliseconds polkit_time{1'500};
constexpr std::chrono::minutes person_time{2};

const sdbus::InterfaceName authority{"org.freedesktop.PolicyKit1.Authority"};

// org.freedesktop.PolicyKit1.Authority: Subject, and the answer of CheckAuthorization()
using Subject = sdbus::Struct<std::string, std::map<std::string, sdbus::Variant>>;
using Answer = sdbus::Struct<bool, bool, std::map<std::string, std::string>>;

/// sdbus-c++ 2.1 does not tell of this flag of a message.
bool allows_interaction(const sdbus::Message &message)
{
    struct Inner : sdbus::Message {
        static sd_bus_message *of(const sdbus::Message &message) { return static_cast<sd_bus_message *>(message.*(&Inner::msg_)); }
    };
    return sd_bus_message_get_allow_interactive_authorization(Inner::of(message)) > 0;
}

/// For a shell: an instance has no quote in it.
std::string by_hand(Right right, const std::string &job)
{
    const std::string unit = job.empty() ? "igotchuu@*" : service_of(instance_of(job));
    switch (right) {
    case Right::start:
        return std::format("systemctl start -- '{}'", unit);
    case Right::stop:
        return std::format("systemctl stop -- '{}'", unit);
    case Right::reload:
        return "systemctl daemon-reload && systemctl start timers.target";
    case Right::view:
    case Right::anyone:
        return std::format("systemctl status -- '{}'", unit);
    }
    std::unreachable();
}

sdbus::Error not_authorized(Right right, const std::string &job)
{
    return error::make(error::not_authorized,
                       "polkit does not let you {}{}{}; an administrator may: {}; or a rule of polkit for the action "
                       "com.nyantec.igotchuu.{} can let you",
                       to_string(right), job.empty() ? "" : " job ", job, by_hand(right, job), to_string(right));
}

sdbus::Error no_password(Right right, const std::string &job, const sdbus::Error &why)
{
    return error::make(error::not_authorized,
                       "no password has come within two minutes, or before polkit ended ({}); call again, or as root: {}",
                       why.getMessage(), by_hand(right, job));
}

/// Not of what polkit says of one caller, who may have left.
bool is_silence(const sdbus::Error &error)
{
    const auto &name = error.getName();
    return name == "org.freedesktop.DBus.Error.NoReply" || name == "org.freedesktop.DBus.Error.Timeout" ||
           name == "org.freedesktop.DBus.Error.TimedOut";
}

sdbus::Error unavailable(Right right, const std::string &job, const sdbus::Error &why)
{
    return error::make(error::polkit_unavailable, "polkit does not answer, so nothing was done ({}); as root: {}", why.getMessage(),
                       by_hand(right, job));
}

} // namespace

std::string_view to_string(Right right)
{
    switch (right) {
    case Right::anyone:
        return "anyone";
    case Right::start:
        return "start";
    case Right::stop:
        return "stop";
    case Right::view:
        return "view";
    case Right::reload:
        return "reload";
    }
    std::unreachable();
}

Caller Caller::of_current_call(const sdbus::IConnection &bus)
try {
    const sdbus::Message call = bus.getCurrentlyProcessedMessage();
    const char *sender = call.getSender();
    return {.bus_name = sender == nullptr ? "" : sender, .user = call.getCredsEuid(), .interactive = allows_interaction(call)};
} catch (const sdbus::Error &error) {
    throw error::make(error::not_authorized, "the bus does not know any more who calls ({})", error.getMessage());
}

Authorization::Authorization(sdbus::IConnection &bus)
    : bus_{bus}, polkit_{sdbus::createProxy(bus, sdbus::ServiceName{"org.freedesktop.PolicyKit1"},
                                            sdbus::ObjectPath{"/org/freedesktop/PolicyKit1/Authority"})}
{
}

void Authorization::ask(const Caller &caller, Right right, const std::string &job, Then then)
{
    abandoned_.clear();
    const auto of_caller =
        std::ranges::count(pending_, caller.bus_name, [](const Pending &pending) { return pending.caller.bus_name; });
    const auto of_user = std::ranges::count(pending_, caller.user, [](const Pending &pending) { return pending.caller.user; });
    if (std::cmp_greater_equal(of_caller, pending_per_caller_max) || std::cmp_greater_equal(of_user, pending_per_user_max) ||
        (caller.user != 0 && pending_.size() >= pending_max))
        return then(error::make(error::too_many_requests,
                                "{} requests wait for polkit already, {} of them yours; try again when they are answered",
                                pending_.size(), of_user));

    const Check pending = pending_.insert(pending_.end(), {.caller = caller,
                                                           .right = right,
                                                           .job = job,
                                                           .then = std::move(then),
                                                           .cancellation_id = std::format("igotchuu-{}", ++asked_)});
    pending->gone = bus_.addMatchAsync(
        std::format("type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
                    "member='NameOwnerChanged',arg0='{}'",
                    caller.bus_name),
        [this, pending](const sdbus::Message &) { abandon(pending); }, [](const sdbus::Message &) {}, sdbus::return_slot);
    check_more();
}

/// As many as may be under way, in the order in which they came.
void Authorization::check_more()
{
    auto under_way = pending_.size() - static_cast<std::size_t>(std::ranges::count(pending_, Ask::later, &Pending::asked));
    for (auto pending = pending_.begin(); pending != pending_.end() && under_way < under_way_max; ++pending)
        if (pending->asked == Ask::later) {
            check(pending, Ask::polkit_alone);
            ++under_way;
        }
}

/// polkit does not answer: those whom it was not asked about yet would only wait for the same.
void Authorization::refuse_the_rest(const sdbus::Error &why)
{
    std::list<Pending> rest;
    for (auto pending = pending_.begin(); pending != pending_.end();) {
        const auto one = pending++;
        if (one->asked == Ask::later)
            rest.splice(rest.end(), pending_, one);
    }
    for (const Pending &pending : rest)
        pending.then(unavailable(pending.right, pending.job, why));
}

void Authorization::check(Check pending, Ask ask)
{
    pending->asked = ask;
    const Subject subject{"system-bus-name", {{"name", sdbus::Variant{pending->caller.bus_name}}}};
    std::map<std::string, std::string> details;
    if (!pending->job.empty())
        details["job"] = pending->job;
    const std::chrono::microseconds time =
        ask == Ask::a_person ? std::chrono::microseconds{person_time} : std::chrono::microseconds{polkit_time};
    pending->call = polkit_->callMethodAsync("CheckAuthorization")
                        .onInterface(authority)
                        .withTimeout(time)
                        .withArguments(subject, std::format("com.nyantec.igotchuu.{}", to_string(pending->right)), details,
                                       std::uint32_t{ask == Ask::a_person}, pending->cancellation_id)
                        .uponReplyInvoke([this, pending](std::optional<sdbus::Error> error, const Answer &answer) {
                            answered(pending, error, answer.get<0>(), answer.get<1>());
                        });
}

void Authorization::answered(Check pending, const std::optional<sdbus::Error> &error, bool authorized, bool challenge)
{
    if (error) {
        if (is_silence(*error)) {
            withdraw(*pending);
            if (pending->asked == Ask::a_person)
                return finish(pending, no_password(pending->right, pending->job, *error));
            refuse_the_rest(*error);
        }
        return finish(pending, unavailable(pending->right, pending->job, *error));
    }
    if (authorized)
        return finish(pending, std::nullopt);
    if (challenge && pending->caller.interactive && pending->asked == Ask::polkit_alone) {
        const auto people = std::ranges::count(pending_, Ask::a_person, &Pending::asked);
        const auto of_user = std::ranges::count_if(pending_, [user = pending->caller.user](const Pending &other) {
            return other.asked == Ask::a_person && other.caller.user == user;
        });
        if (std::cmp_less(people, people_max) && std::cmp_less(of_user, people_per_user_max))
            return check(pending, Ask::a_person);
        return finish(pending,
                      error::make(error::too_many_requests,
                                  "{} requests wait for a password already, {} of them yours; try again when they are answered",
                                  people, of_user));
    }
    finish(pending, not_authorized(pending->right, pending->job));
}

void Authorization::finish(Check pending, const std::optional<sdbus::Error> &refused)
{
    const Then then = std::move(pending->then);
    pending_.erase(pending);
    then(refused);
    check_more();
}

void Authorization::abandon(Check pending)
{
    if (pending->asked != Ask::later) {
        pending->call.cancel();
        withdraw(*pending);
    }
    abandoned_.splice(abandoned_.end(), pending_, pending);
    check_more();
}

/// polkit need not go on, nor ask anybody any longer. It may be over already, and the bus lets a connection wait for 128 answers: for none here.
void Authorization::withdraw(const Pending &pending)
{
    polkit_->callMethod("CancelCheckAuthorization").onInterface(authority).withArguments(pending.cancellation_id).dontExpectReply();
}

} // namespace igotchuu
