// SPDX-License-Identifier: MIT
#include "exec/fresh.hpp"

#include "exec/ask-once.hpp"
#include "exec/freshness.hpp"
#include "exec/invocation.hpp"
#include "exec/late-backup.hpp"
#include "exec/lock.hpp"
#include "exec/look-after.hpp"
#include "exec/report/channels.hpp"
#include "exec/report/message-id.hpp"
#include "exec/restic/installation.hpp"
#include "exec/restic/tags.hpp"
#include "exec/troubles.hpp"
#include "exec/unit-properties.hpp"
#include "job/diagnostic.hpp"
#include "job/host-name.hpp"
#include "job/state-files.hpp"
#include "job/unit-name.hpp"

#include <syslog.h>

#include <algorithm>
#include <format>
#include <optional>
#include <utility>
#include <vector>

namespace igotchuu
{

namespace
{

/// What systemd knows of why there is nothing newer. Whatever it does not say is not told.
std::string trouble_with_units(const Job &job)
try {
    auto service = unit_properties(service_of(job.instance), "ActiveState,SubState");
    if (service["SubState"] == "auto-restart")
        return "a backup waits for what the job names";
    if (service["ActiveState"] == "activating")
        return "a backup is under way";
    if (job.timer.empty())
        return {};
    const auto timer = timer_of(job.instance);
    auto state = unit_properties(timer, "LoadState,ActiveState");
    if (state["LoadState"] == "masked")
        return std::format("its timer is masked (systemctl unmask '{}')", timer);
    if (state["ActiveState"] != "active")
        return std::format("its timer does not run (systemctl start '{}')", timer);
    return {};
} catch (const std::exception &) {
    return {};
}

std::optional<Clock::time_point> busy_since(const std::string &instance)
{
    const auto activity = read_activity({}, instance);
    return activity ? std::optional{activity->started} : std::nullopt;
}

std::vector<Clock::time_point> wanted_by(const std::string &repository, const Kept &kept)
{
    std::vector<Clock::time_point> instants;
    for (const auto &instant : kept.instants)
        if (std::ranges::contains(instant.repositories, repository, &Wanting::repository))
            instants.push_back(instant.instant);
    return instants;
}

Fields fields_of(const std::string &repository, const Freshness &freshness)
{
    Fields fields{{"IGOTCHUU_REPOSITORY", repository}, {"IGOTCHUU_SNAPSHOT_ID", freshness.snapshot_id}};
    if (freshness.as_of)
        fields.emplace_back(
            "IGOTCHUU_FRESH_AS_OF_USEC",
            std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(freshness.as_of->time_since_epoch()).count()));
    return fields;
}

/// How fresh the backup in a repository is, to be said.
struct Sight {
    int priority;
    std::string_view message_id;
    std::string sentence;
    Fields fields;
    std::string trouble{}; ///< empty: it is fresh
    [[nodiscard]] Tone tone() const { return !trouble.empty() ? Tone::bad : priority == LOG_WARNING ? Tone::warning : Tone::good; }
};

/// One repository after the other.
class Look
{
public:
    Look(const Job &job, const StopRequest &stop) : job_{job}, stop_{stop} {}

    [[nodiscard]] Sight at(const Repository &repository) const
    try {
        const auto answer = ask_once(job_, repository, last_change(known_runs({}, job_.instance), repository.name), ask_, stop_);
        // Only now, and in this order: a run that ends meanwhile says first what it came to, and then that it is over.
        auto wanted = wanted_by(repository.name, read_kept({}, job_.instance));
        const auto busy = busy_since(job_.instance);
        const auto record = known_runs({}, job_.instance);
        const FreshnessInQuestion question{job_,  repository.name, answer, record,           tags_,
                                           host_, Clock::now(),    busy,   std::move(wanted)};
        const auto freshness = judge(question);
        const bool is_old = !freshness.fresh && !freshness.unasked_since;
        const auto sentence = freshness_sentence(question, freshness, is_old ? trouble_with_units(job_) : std::string{});
        auto fields = fields_of(repository.name, freshness);
        if (freshness.fresh && !freshness.lost.empty()) // somebody may have meant it: no failure
            return {LOG_WARNING, message_id::backup_before_gone, sentence, std::move(fields)};
        if (freshness.fresh)
            return {LOG_INFO, message_id::backup_fresh, sentence, std::move(fields)};
        return {LOG_ERR, is_old ? message_id::backup_too_old : message_id::freshness_unknown, sentence, std::move(fields),
                trouble_with(repository.name, is_old ? "old" : "unknown")};
    } catch (const std::exception &error) { // the others may say more
        return {LOG_ERR,
                message_id::freshness_unknown,
                std::format("Nobody knows how fresh the backup of {} in {} is: {}", printable(job_.name),
                            printable(repository.name), printable(error.what())),
                {{"IGOTCHUU_REPOSITORY", repository.name}},
                trouble_with(repository.name, "unknown")};
    }

private:
    const Job &job_;
    const StopRequest &stop_;
    std::vector<std::string> tags_ = restic::own_tags(job_.instance);
    std::string host_ = host_name();
    Ask ask_ = by_hand() ? Ask::anew : Ask::once;
};

/// Which run of the job was the last to end; empty: nobody knows.
std::string last_run(const std::string &instance)
{
    const auto record = read_record({}, instance).value_or(Record{});
    return record.history.empty() ? std::string{} : record.history.front().invocation_id;
}

constexpr int most_looks = 3; // else a job that runs more often than its repositories answer would never hear of them

/// What a run does meanwhile is seen, too: who began it need begin no other look (look_after()). But for what ends in the last of most_looks.
std::vector<Sight> look_at_each(const Job &job, const StopRequest &stop)
{
    const Look look{job, stop};
    for (int looks = 1;; ++looks) {
        std::optional<Lock> under_way;
        if (!by_hand()) { // that look is not the unit's, and somebody waits for it
            under_way = Lock::wait_for(lock_of_look(job.instance), LockKind::exclusive, stop);
            await_late_backup(job, stop);
        }
        const auto seen = last_run(job.instance);
        std::vector<Sight> sights;
        for (const auto &repository : job.repositories)
            sights.push_back(look.at(repository));
        under_way.reset(); // first: a run that still finds it held is in the record
        if (last_run(job.instance) == seen || looks == most_looks)
            return sights;
    }
}

} // namespace

ExitStatus look_how_fresh(const Job &job, const std::string &invocation_id, const StopRequest &stop)
{
    if (job.objective == std::chrono::hours{0})
        throw ConfigError{
            {{.file = job.file, .message = "the job has no objective: how old may its newest backup be (objective-hours)?"}}};
    const auto sights = look_at_each(job, stop);
    Channels said{printable(job.name), freshness_fields(job.name, job.instance, invocation_id)};
    std::vector<std::string> troubles;
    for (const auto &sight : sights) {
        said.say(sight.priority, sight.message_id, sight.sentence, sight.fields, sight.tone());
        if (!sight.trouble.empty())
            troubles.push_back(sight.trouble);
    }
    if (!by_hand())
        keep_troubles(restic::Installation::standard().cache_directory, job.instance, invocation_id, troubles);
    return troubles.empty() ? ExitStatus::success : ExitStatus::failed;
}

} // namespace igotchuu
