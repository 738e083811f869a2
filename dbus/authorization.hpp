// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <sdbus-c++/IConnection.h>
#include <sdbus-c++/IProxy.h>
#include <string>
#include <sys/types.h>

namespace igotchuu
{

/// A kind of right. The interface's XML says which one a method needs; each but `anyone` is an action of polkit, com.nyantec.igotchuu.NAME.
enum class Right { anyone, start, stop, view, reload };
[[nodiscard]] std::string_view to_string(Right right);

/// Who sent the call that is being handled.
struct Caller {
    std::string bus_name; ///< unique, like ":1.42"
    uid_t user;
    bool interactive = false; ///< may be asked for a password: ALLOW_INTERACTIVE_AUTHORIZATION

    /// Call it in the method's handler. Throws NotAuthorized: the caller has left the bus.
    [[nodiscard]] static Caller of_current_call(const sdbus::IConnection &bus);
};

/// Asks polkit(8): whoever it does not vouch for may not. Nobody is let in because it is absent, slow or in doubt, root neither.
class Authorization
{
public:
    using Then = std::function<void(const std::optional<sdbus::Error> &refused)>;
    static constexpr std::size_t pending_per_caller_max = 16;
    static constexpr std::size_t pending_per_user_max = 64; ///< however many connections that has
    static constexpr std::size_t pending_max = 192; ///< beyond it root alone, whom no others keep out
    /// Of them, those that polkit is asked about at a time: the bus lets a connection wait for 128 answers, and Systemd needs some, too.
    static constexpr std::size_t under_way_max = 64;
    /// Of those, what waits for a person, who may never answer: nobody's agent holds up all others.
    static constexpr std::size_t people_max = 32;
    static constexpr std::size_t people_per_user_max = 8; ///< nor one's own that of another user

    explicit Authorization(sdbus::IConnection &bus);

    /// Calls `then` once, from the event loop: with nothing when the caller may, else with why not. Never when the caller has left the bus by then.
    /// polkit has 1.5 s to answer, and when it has been silent, whoever waits behind is not made to wait for that, too; where it has to ask a person, and may, that person has two minutes, whose end is no silence of polkit's. `job` goes to polkit's rules; empty: none.
    void ask(const Caller &caller, Right right, const std::string &job, Then then);

    [[nodiscard]] bool idle() const noexcept { return pending_.empty(); }

private:
    enum class Ask { later, polkit_alone, a_person };
    struct Pending {
        Caller caller;
        Right right;
        std::string job;
        Then then;
        std::string cancellation_id;
        Ask asked = Ask::later;
        sdbus::Slot gone{}; ///< the caller
        sdbus::PendingAsyncCall call{};
    };
    using Check = std::list<Pending>::iterator;

    void check(Check pending, Ask ask);
    void check_more();
    void refuse_the_rest(const sdbus::Error &why);
    void answered(Check pending, const std::optional<sdbus::Error> &error, bool authorized, bool challenge);
    void finish(Check pending, const std::optional<sdbus::Error> &refused);
    void abandon(Check pending);
    void withdraw(const Pending &pending);

    sdbus::IConnection &bus_;
    std::unique_ptr<sdbus::IProxy> polkit_;
    std::list<Pending> pending_;
    std::list<Pending> abandoned_; ///< each by its own `gone`, which cannot go while it is called
    std::uint64_t asked_ = 0;
};

} // namespace igotchuu
