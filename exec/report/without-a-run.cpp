// SPDX-License-Identifier: MIT
// The last words about runs that cannot say them: one that was killed, and one that could not begin.
#include "exec/report/channels.hpp"
#include "exec/report/faults.hpp"
#include "exec/report/journal.hpp"
#include "exec/report/message-id.hpp"
#include "exec/report/notify.hpp"
#include "exec/report/report.hpp"
#include "exec/report/result.hpp"
#include "exec/report/state-file.hpp"
#include "job/diagnostic.hpp"
#include "job/state-files.hpp"
#include "job/status-text.hpp"

#include <syslog.h>

#include <algorithm>
#include <format>

namespace igotchuu
{
namespace
{

void say(Channels &all, const Run &run)
{
    const OutcomeEntry entry = entry_of(run.outcome);
    all.say(entry.priority, entry.message_id, result_sentence(all.name(), run), result_fields(run), entry.tone);
}

/// Unless the journal has it. When nobody can tell, twice is better than never.
void say_once(Channels &all, const Run &run)
{
    bool said = false;
    all.attempt(Channel::journal, [&] { said = in_journal(entry_of(run.outcome).message_id, run.invocation_id); });
    if (!said)
        say(all, run);
}

} // namespace

void report_killed(const Activity &activity, std::string_view instance, const StateDirectories &where)
{
    Channels all{printable(activity.job), job_fields(activity.job, instance, activity.invocation_id)};
    Record record = read_record(where, instance).value_or(Record{});
    const auto known = std::ranges::find(record.history, activity.invocation_id, &Run::invocation_id);
    if (known != record.history.end()) { // it had ended, and was killed while it said so
        say_once(all, *known);
    } else {
        Run run{.invocation_id = activity.invocation_id,
                .started = activity.started,
                .ended = std::max(Clock::now(), activity.started), // the clock may have been set back since
                .outcome = Outcome::killed};
        run.message = std::format("it was {} when it was last heard of", status_text(activity));
        record.job = activity.job;
        record.file = activity.file;
        add(record, run);
        all.attempt(Channel::record, [&] { write(where, instance, record); });
        say(all, run);
    }
    all.attempt(Channel::activity, [&] { remove_activity(where, instance); });
}

void report_silent_end(std::string_view instance, const std::string &invocation_id, Outcome outcome, const std::string &why,
                       const StateDirectories &where)
{
    Record record = read_record(where, instance).value_or(Record{});
    if (std::ranges::contains(record.history, invocation_id, &Run::invocation_id))
        return;
    if (record.job.empty())
        record.job = instance;
    Channels all{printable(record.job), job_fields(record.job, instance, invocation_id)};
    const auto now = Clock::now();
    const Run run{.invocation_id = invocation_id, .started = now, .ended = now, .outcome = outcome, .message = why};
    add(record, run);
    all.attempt(Channel::record, [&] { write(where, instance, record); });
    say(all, run);
}

void report_bad_configuration(std::string_view instance, const std::string &invocation_id, const std::string &text,
                              const StateDirectories &where)
{
    Channels all{printable(instance), job_fields(instance, instance, invocation_id)};
    const auto [for_record, for_last_word] = say_faults(all, text);
    Run run{.invocation_id = invocation_id,
            .started = Clock::now(),
            .ended = Clock::now(),
            .outcome = Outcome::bad_configuration,
            .message = for_last_word};
    Run recorded = run;
    recorded.message = for_record;
    all.attempt(Channel::record, [&] {
        Record record = read_record(where, instance).value_or(Record{});
        if (record.job.empty())
            record.job = instance;
        add(record, recorded);
        write(where, instance, record);
    });
    all.attempt(Channel::systemd, [&] { notify_status(public_sentence(all.name(), run)); });
    say(all, run);
}

} // namespace igotchuu
