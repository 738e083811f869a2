// SPDX-License-Identifier: MIT
#include "exec/holders.hpp"

#include "exec/admin-program.hpp"
#include "exec/stop.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/job.hpp"

#include <algorithm>
#include <format>
#include <iostream>
#include <ranges>

namespace igotchuu
{
namespace
{

using std::chrono::steady_clock;

constexpr const char *key = "hold";
constexpr std::string_view ready = "READY";
constexpr std::chrono::seconds to_let_go{10}; // from the end of its standard input

/// Rounded up: PID 1 never ends it before we call it late.
std::chrono::seconds time_until(steady_clock::time_point then)
{
    return std::max(std::chrono::ceil<std::chrono::seconds>(then - steady_clock::now()), std::chrono::seconds{1});
}

} // namespace

class Holders::Holder
{
public:
    explicit Holder(AdminProgram program, Pipe pipe = {})
        : name_{printable(program.arguments.front())}, input_{std::move(pipe.write)},
          program_{reading(std::move(program), pipe.read)}
    {
    }
    ~Holder()
    {
        let_go();
        try {
            if (is_ready_ && !over_)
                program_.finish(to_let_go, nullptr);
        } catch (const std::exception &error) {
            std::cerr << error.what() << '\n';
        }
    }
    Holder(const Holder &) = delete;
    Holder &operator=(const Holder &) = delete;

    /// When it was ready.
    Moment await(Moment until, std::chrono::seconds timeout, const StopRequest &stop)
    {
        if (const auto moment = program_.await_line(ready, until, stop)) {
            is_ready_ = true;
            return *moment;
        }
        if (steady_clock::now() >= until)
            throw Failure{std::format("{} failed: {} did not say {} within {} and was ended (the key hold-timeout){}{}", key, name_,
                                      ready, timeout, program_.last_words().empty() ? "" : ": ", program_.last_words())};
        finish(until, stop);
        throw Failure{std::format("{} failed: {} ended without a line {}: it is to print that line once everything is held, and to "
                                  "end when its standard input does",
                                  key, name_, ready)};
    }

    [[nodiscard]] bool holds() const { return program_.is_there(); }
    [[nodiscard]] const std::string &name() const noexcept { return name_; }
    void let_go() noexcept { input_ = Fd{}; }
    void finish(Moment until, const StopRequest &stop)
    {
        over_ = true;
        program_.finish(time_until(until), &stop, to_let_go); // SIGTERM would meet it while it lets go
    }

private:
    static AdminProgram reading(AdminProgram program, const Fd &input)
    {
        program.input = input.get();
        return program;
    }

    std::string name_;
    Fd input_; ///< the end that nobody else has
    RunningProgram program_;
    bool is_ready_ = false, over_ = false;
};

Holders::Holders(const Job &job, const StopRequest &stop) : job_{job}, stop_{stop} {}

/// By another constructor, at whose end there is an object: whatever throws from there on, the destructor lets all of them go before it waits for one.
Holders::Holders(const Job &job, const std::string &invocation_id, const StopRequest &stop) : Holders{job, stop}
{
    if (job.hold.empty())
        return;
    end_left_holders(job.instance);
    until_ = steady_clock::now() + job.hold_timeout;
    start(invocation_id);
}

Holders::~Holders()
{
    for (const auto &holder : holders_ | std::views::reverse)
        holder->let_go();
}

void Holders::start(const std::string &invocation_id)
{
    for (const auto &arguments : job_.hold) {
        stop_.check();
        auto &holder = *holders_.emplace_back(std::make_unique<Holder>(
            AdminProgram{.what = key,
                         .number = static_cast<unsigned>(holders_.size() + 1),
                         .instance = job_.instance,
                         .arguments = arguments,
                         .user = job_.hold_user,
                         .user_key = "hold-user",
                         .time_key = "hold-timeout",
                         .time_of_key = job_.hold_timeout,
                         .environment = {"IGOTCHUU_JOB=" + job_.instance, "IGOTCHUU_INVOCATION=" + invocation_id},
                         .at_most = time_until(until_)}));
        const auto moment = holder.await(until_, job_.hold_timeout, stop_);
        if (holders_.size() == 1)
            held_since_ = moment;
    }
}

std::chrono::microseconds Holders::let_go()
{
    if (holders_.empty())
        return {};
    std::string fault;
    for (const auto &holder : holders_)
        if (fault.empty() && !holder->holds())
            fault = std::format("{} failed: {} ended before the snapshots were there: it is to go on until its standard input ends",
                                key, holder->name());
    const auto let_go = steady_clock::now(); // before they are told: none of them is told earlier than the number says
    for (const auto &holder : holders_ | std::views::reverse)
        holder->let_go();
    if (let_go >= until_)
        fault =
            std::format("{} failed: the snapshots were not there within {} (the key hold-timeout), and what was held was let go "
                        "before: does a program freeze the very file system that is to be snapshotted?",
                        key, job_.hold_timeout);
    for (const auto &holder : holders_)
        try {
            holder->finish(until_, stop_);
        } catch (const Failure &error) {
            if (fault.empty() || let_go < until_) // what it says itself is worth more than that it is gone
                fault = error.what();
        }
    if (!fault.empty())
        throw Failure{fault};
    return std::chrono::duration_cast<std::chrono::microseconds>(let_go - held_since_);
}

void end_left_holders(const std::string &instance)
{
    end_numbered(key, instance);
}

} // namespace igotchuu
