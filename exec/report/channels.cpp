// SPDX-License-Identifier: MIT
#include "exec/report/channels.hpp"

#include "exec/report/message-id.hpp"
#include "exec/report/notify.hpp"
#include "job/amount.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/unit-name.hpp"

#include <syslog.h>
#include <unistd.h>

#include <cstring>
#include <format>
#include <utility>

namespace igotchuu
{

namespace
{

/// More of them would meet journald's rate limit (10,000 entries in 30 s), which drops the last word of the run as well.
constexpr std::uint64_t complaints_max = 1000;

} // namespace

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

void Channels::complain(const std::string &line)
{
    const std::uint64_t number = ++complaints_;
    if (number <= complaints_max)
        say(LOG_WARNING, message_id::file_complaint, printable(line), {}, Tone::warning);
    else if (number == complaints_max + 1)
        say(LOG_WARNING, message_id::complaints_left_out,
            std::format("restic complains of more than {} files or things; the rest is counted, but not logged",
                        number_text(complaints_max)),
            {}, Tone::warning);
}

void Channels::stands_still(pid_t process, int signal, std::string_view meanwhile)
{
    if (std::exchange(stood_still_, true))
        return;
    const auto sentence = std::format("restic stands still, stopped by SIG{}; {} meanwhile. To let it go on: kill -CONT {}",
                                      sigabbrev_np(signal), meanwhile, process);
    say(LOG_WARNING, message_id::restic_stands_still, sentence, {}, Tone::warning);
    attempt(Channel::systemd, [&] { notify_status(sentence); });
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

Fields freshness_fields(std::string_view job, std::string_view instance, const std::string &invocation_id)
{
    auto fields = job_fields(job, instance, invocation_id);
    fields.back().second = fresh_service_of(instance);
    return fields;
}

Fields maintenance_fields(std::string_view repository, std::string_view instance, const std::string &invocation_id)
{
    return {{"IGOTCHUU_REPOSITORY", std::string{repository}},
            {"IGOTCHUU_REPOSITORY_INSTANCE", std::string{instance}},
            {"IGOTCHUU_INVOCATION", invocation_id},
            {"OBJECT_SYSTEMD_UNIT", maintenance_service_of(instance)}};
}

} // namespace igotchuu
