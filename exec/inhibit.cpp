// SPDX-License-Identifier: MIT
#include "exec/inhibit.hpp"

#include "job/error.hpp"

#include <systemd/sd-bus.h>

#include <fcntl.h>

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

struct Answer {
    Fd fd;
    int error = 0;
    bool there = false;
};

int take_answer(sd_bus_message *message, void *to, sd_bus_error *)
{
    auto &answer = *static_cast<Answer *>(to);
    answer.there = true;
    int borrowed = -1;
    answer.error = -sd_bus_message_get_errno(message);
    if (answer.error == 0)
        answer.error = std::min(sd_bus_message_read(message, "h", &borrowed), 0);
    if (answer.error == 0)
        answer.fd = Fd{::fcntl(borrowed, F_DUPFD_CLOEXEC, 3)};
    if (answer.error == 0 && !answer.fd)
        answer.error = -errno;
    return 0;
}

int check(int result)
{
    if (result < 0)
        fail(-result, "cannot ask logind to keep the machine awake");
    return result;
}

/// sd_bus_call() has a time limit for the answer, but none of its own for a bus that accepts a connection and then is silent.
Fd ask(const std::string &why)
{
    const auto until = steady_clock::now() + patience;
    Answer answer; // outlives the bus, which knows its address
    sd_bus *opened = nullptr;
    check(sd_bus_open_system(&opened));
    const Bus bus{opened};
    check(sd_bus_call_method_async(bus.get(), nullptr, "org.freedesktop.login1", "/org/freedesktop/login1",
                                   "org.freedesktop.login1.Manager", "Inhibit", take_answer, &answer, "ssss",
                                   "sleep:handle-lid-switch", "igotchuu", why.c_str(), "block"));
    while (!answer.there) {
        if (check(sd_bus_process(bus.get(), nullptr)) > 0)
            continue;
        const auto left = std::chrono::duration_cast<std::chrono::microseconds>(until - steady_clock::now());
        if (left.count() <= 0)
            check(-ETIMEDOUT);
        check(sd_bus_wait(bus.get(), static_cast<std::uint64_t>(left.count())));
    }
    check(answer.error);
    return std::move(answer.fd);
}

} // namespace

Inhibitor::Inhibitor(const std::string &why)
{
    try {
        fd_ = ask(why);
    } catch (const std::system_error &error) {
        why_not_ = error.what();
    }
}

} // namespace igotchuu
