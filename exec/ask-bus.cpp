// SPDX-License-Identifier: MIT
#include "exec/ask-bus.hpp"

#include "job/error.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>

namespace igotchuu
{
namespace
{

using std::chrono::steady_clock;

constexpr std::chrono::seconds patience{3};

struct CloseBus {
    void operator()(sd_bus *bus) const noexcept { sd_bus_close_unref(bus); } // without a flush: that could wait
};
using Bus = std::unique_ptr<sd_bus, CloseBus>;

struct UnrefMessage {
    void operator()(sd_bus_message *message) const noexcept { sd_bus_message_unref(message); }
};
using Message = std::unique_ptr<sd_bus_message, UnrefMessage>;

struct Answer {
    const std::function<int(sd_bus_message *)> &read;
    int error = 0; ///< negative
    bool there = false;
};

int take_answer(sd_bus_message *message, void *to, sd_bus_error *)
{
    auto &answer = *static_cast<Answer *>(to);
    answer.there = true;
    answer.error = -sd_bus_message_get_errno(message);
    if (answer.error == 0)
        answer.error = std::min(answer.read(message), 0);
    return 0;
}

} // namespace

/// sd_bus_call() has a time limit for the answer, but none of its own for a bus that accepts a connection and then is silent.
void ask_bus(const BusCall &call, const std::string &what, const std::function<int(sd_bus_message *)> &read)
{
    const auto check = [&](int result) {
        if (result < 0)
            fail(-result, "cannot {}", what);
        return result;
    };
    const auto until = steady_clock::now() + patience;
    Answer answer{.read = read}; // outlives the bus, which knows its address
    sd_bus *opened = nullptr;
    check(sd_bus_open_system(&opened));
    const Bus bus{opened};
    sd_bus_message *made = nullptr;
    check(sd_bus_message_new_method_call(bus.get(), &made, call.destination, call.path, call.interface, call.member));
    const Message message{made};
    for (const auto &argument : call.arguments)
        check(sd_bus_message_append_basic(message.get(), 's', argument.c_str()));
    check(sd_bus_call_async(bus.get(), nullptr, message.get(), take_answer, &answer, 0));
    while (!answer.there) {
        if (check(sd_bus_process(bus.get(), nullptr)) > 0)
            continue;
        const auto left = std::chrono::duration_cast<std::chrono::microseconds>(until - steady_clock::now());
        if (left.count() <= 0)
            check(-ETIMEDOUT);
        check(sd_bus_wait(bus.get(), static_cast<std::uint64_t>(left.count())));
    }
    check(answer.error);
}

} // namespace igotchuu
