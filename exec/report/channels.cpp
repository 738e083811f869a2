// SPDX-License-Identifier: MIT
#include "exec/report/channels.hpp"

#include "exec/report/message-id.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/unit-name.hpp"

#include <syslog.h>
#include <unistd.h>

#include <utility>

namespace igotchuu
{

Channels::Channels(std::string name, Fields fields) : name_{std::move(name)}, fields_{std::move(fields)}
{
    if (!stderr_is_the_journal())
        terminal_.emplace(STDERR_FILENO);
    if (!journal_exists()) // libsystemd would say nothing
        failed(Channel::journal, "there is no journal on this machine");
}

void Channels::say(int priority, std::string_view message_id, const std::string &sentence, const Fields &fields, Tone tone)
{
    log(priority, message_id, sentence, fields);
    show([&](Terminal &terminal) { terminal.line(sentence, tone); });
}

void Channels::log(int priority, std::string_view message_id, const std::string &sentence, const Fields &fields)
{
    attempt(Channel::journal, [&] {
        Fields all = fields_;
        all.insert(all.end(), fields.begin(), fields.end());
        journal(priority, message_id, all, sentence);
    });
}

void Channels::show(const std::function<void(Terminal &)> &what)
{
    if (terminal_)
        attempt(Channel::terminal, [&] { what(*terminal_); });
}

void Channels::attempt(Channel channel, const std::function<void()> &what)
{
    try {
        what();
    } catch (const std::exception &error) {
        failed(channel, printable(error.what()));
    }
}

void Channels::failed(Channel channel, const std::string &why)
{
    if (std::exchange(said_[std::to_underlying(channel)], true)) // this also ends the circle when all of them fail
        return;
    say(LOG_WARNING, message_id::channel_failed, why + "; the run goes on", {}, Tone::warning);
}

Fields job_fields(std::string_view job, std::string_view instance, const std::string &invocation_id)
{
    return {{"IGOTCHUU_JOB", std::string{job}},
            {"IGOTCHUU_INSTANCE", std::string{instance}},
            {"IGOTCHUU_INVOCATION", invocation_id},
            {"OBJECT_SYSTEMD_UNIT", service_of(instance)}};
}

} // namespace igotchuu
