// SPDX-License-Identifier: MIT
#include "exec/freshness.hpp"

#include "job/amount.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/state-files.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <format>
#include <ranges>
#include <string_view>
#include <system_error>
#include <utility>

namespace igotchuu
{

namespace
{

using restic::Stored;

/// A clock may be set back by as much. A snapshot of a time that is yet to come says nothing of its age.
constexpr std::chrono::minutes ahead{15};

constexpr std::size_t most_of_a_reason = 300;

std::string short_id(std::string_view id)
{
    return std::string{id.substr(0, 8)};
}

Clock::time_point time_of(const Stored &snapshot)
{
    return std::chrono::floor<Clock::duration>(snapshot.time);
}

/// As restic has the time of a snapshot that we make.
Clock::time_point second_of(Clock::time_point time)
{
    return std::chrono::floor<std::chrono::seconds>(time);
}

/// Of a time before all runs that the record has: the last success is in it, however old that is.
bool was_no_success(const Record &record, Clock::time_point time)
{
    return record.last_success ? time > instant_of(*record.last_success) : record.history.size() >= Record::history_max;
}

const RepositoryResult *result_in(const Run &run, std::string_view repository)
{
    const auto found = std::ranges::find(run.repositories, repository, &RepositoryResult::repository);
    return found == run.repositories.end() ? nullptr : &*found;
}

/// The story of one repository, as its snapshots and the record tell it.
class Judge
{
public:
    explicit Judge(const FreshnessInQuestion &question) : question_{question}
    {
        std::ranges::copy_if(question.answer.snapshots, std::back_inserter(own_), [&](const Stored &snapshot) {
            return std::ranges::all_of(question.tags, [&](const auto &tag) { return std::ranges::contains(snapshot.tags, tag); });
        });
    }

    [[nodiscard]] Freshness judge() const
    {
        Freshness freshness;
        if (const auto &answer = question_.answer; answer.tried > answer.asked)
            freshness.why_unasked = answer.why_not;
        for (const auto &snapshot : own_)
            if (what_is_wrong(snapshot).empty())
                take(freshness, time_of(snapshot), snapshot.id);
        for (const auto &run : question_.record.history)
            take_run(freshness, run);
        if (question_.record.last_success)
            take_run(freshness, *question_.record.last_success);
        freshness.fresh = freshness.as_of && question_.now - *freshness.as_of <= question_.job.objective;
        if (freshness.fresh && only_looks_fail()) {
            freshness.fresh = false;
            freshness.unasked_since = question_.answer.in_vain_since;
            return freshness;
        }
        if (freshness.fresh)
            freshness.lost = what_was_gone();
        else
            freshness.why = why_nothing_newer(freshness.as_of.value_or(Clock::time_point{}));
        return freshness;
    }

private:
    void take(Freshness &freshness, Clock::time_point as_of, const std::string &id, bool unchanged = false) const
    {
        if (freshness.as_of && as_of <= *freshness.as_of)
            return;
        freshness.as_of = as_of;
        freshness.snapshot_id = id;
        freshness.unchanged = unchanged;
    }
    void take_run(Freshness &freshness, const Run &run) const;
    [[nodiscard]] std::string what_is_wrong(const Stored &snapshot) const;
    [[nodiscard]] bool has_no_word_of_its_own(const Run &run) const;
    [[nodiscard]] std::string what_is_wrong_with_unknown(const Stored &snapshot) const;
    [[nodiscard]] bool is_known(const Stored &snapshot) const
    {
        const auto has_it = [&](const Run &run) {
            const auto *const result = result_in(run, question_.repository);
            return result != nullptr && snapshot.is(result->summary.snapshot_id);
        };
        return std::ranges::any_of(question_.record.history, has_it) ||
               (question_.record.last_success && has_it(*question_.record.last_success));
    }
    [[nodiscard]] const Stored *stored(const std::string &made_as) const
    {
        const auto found = std::ranges::find_if(own_, [&](const Stored &snapshot) { return snapshot.is(made_as); });
        return found == own_.end() ? nullptr : &*found;
    }
    /// Whether what was made then is known from the record alone, to be where the repository is now.
    [[nodiscard]] bool is_unseen(Clock::time_point made) const
    {
        return made > std::max(question_.answer.asked, question_.answer.moved);
    }
    [[nodiscard]] bool only_looks_fail() const;
    [[nodiscard]] bool has_all_sources(const Run &run) const
    {
        return std::ranges::all_of(question_.job.sources, [&](const auto &source) {
            return std::ranges::contains(run.sources, source, &SourcePlace::source);
        });
    }

    [[nodiscard]] std::string why_nothing_newer(Clock::time_point since) const;
    [[nodiscard]] std::string where_it_went(Clock::time_point since) const;
    [[nodiscard]] std::string what_is_lost(Clock::time_point since) const;
    [[nodiscard]] std::vector<const Run *> made_here() const;
    [[nodiscard]] bool names_its_parent() const;
    [[nodiscard]] std::string what_was_gone() const;
    [[nodiscard]] std::string how_the_last_run_ended(Clock::time_point since) const;
    [[nodiscard]] std::string what_the_newest_lacks(Clock::time_point since) const;

    const FreshnessInQuestion &question_;
    std::vector<Stored> own_; ///< newest first
};

/// A run that had nothing to do makes the snapshot that it found as fresh as itself, if that is there. What was made after the repository was last asked counts
/// by the record alone: nobody has seen it gone.
void Judge::take_run(Freshness &freshness, const Run &run) const
{
    const auto *const result = result_in(run, question_.repository);
    if (result == nullptr || !is_whole(run, *result) || result->summary.snapshot_id.empty() ||
        instant_of(run) > question_.now + ahead)
        return;
    const auto *const there = stored(result->summary.snapshot_id);
    const auto made = result->unchanged_since.value_or(run.ended);
    const bool counts =
        there != nullptr ? result->unchanged_since && what_is_wrong(*there).empty() : is_unseen(made) && has_all_sources(run);
    if (counts)
        take(freshness, instant_of(run), result->summary.snapshot_id, result->unchanged_since.has_value());
}

/// Backups get there and looks do not: nobody has seen for too long that what they made is still there. A look that is in vain for a while proves nothing.
bool Judge::only_looks_fail() const
{
    const auto &answer = question_.answer;
    if (answer.tried <= answer.asked || answer.in_vain_since == Clock::time_point{} ||
        question_.now - answer.in_vain_since <= question_.job.objective)
        return false;
    return std::ranges::any_of(question_.record.history, [&](const Run &run) {
        const auto *const result = result_in(run, question_.repository);
        return result != nullptr && !result->unchanged_since && has_snapshot(result->outcome) && run.ended > answer.in_vain_since;
    });
}

/// Empty: it is a good one.
std::string Judge::what_is_wrong(const Stored &snapshot) const
{
    if (time_of(snapshot) > question_.now + ahead)
        return "is of a time that is yet to come (was the clock wrong?)";
    for (const auto &source : question_.job.sources)
        if (!std::ranges::contains(snapshot.paths, source))
            return std::format("does not have the source {}", printable(source));
    for (const auto &run : question_.record.history)
        if (const auto *const result = result_in(run, question_.repository);
            result != nullptr && (!result->unchanged_since || result->outcome == Outcome::disproved) &&
            snapshot.is(result->summary.snapshot_id) && !is_whole(run, *result))
            return std::format("is {}", to_string(worse(run.outcome, result->outcome)));
    return is_known(snapshot) ? std::string{} : what_is_wrong_with_unknown(snapshot);
}

/// A run that was killed, or whose restic was, may have made a snapshot that it knows nothing of.
bool Judge::has_no_word_of_its_own(const Run &run) const
{
    const auto *const result = result_in(run, question_.repository);
    if (result == nullptr)
        return run.outcome == Outcome::killed;
    return result->summary.snapshot_id.empty() && !result->unchanged_since && result->outcome != Outcome::pending;
}

/// The record does not know it: it may have been made while the record was lost. Whatever a run has to say of its own snapshot it says at its end.
std::string Judge::what_is_wrong_with_unknown(const Stored &snapshot) const
{
    if (snapshot.host != question_.host)
        return std::format(
            "was made by the host {}, which has the id of this machine: is one a clone of the other? To give this one an "
            "id of its own, see machine-id(5)",
            printable(snapshot.host));
    const auto &record = question_.record;
    const auto time = time_of(snapshot);
    if ((question_.busy_since && time >= second_of(*question_.busy_since)) ||
        std::ranges::contains(question_.wanted, second_of(time), second_of))
        return "is of a run that has not said as yet what it came to";
    for (const auto &run : record.history)
        if (has_no_word_of_its_own(run) && time >= second_of(run.started) && time <= run.ended)
            return std::format("is of the run of {}, which {}", time_text(run.started),
                               run.outcome == Outcome::killed ? "was killed" : "does not say that it is there");
    if (!record.history.empty() && time < second_of(record.history.back().started) && was_no_success(record, time))
        return "is of a run that has left the record, and was no success";
    return {};
}

std::string Judge::why_nothing_newer(Clock::time_point since) const
{
    for (const auto look :
         {&Judge::where_it_went, &Judge::what_is_lost, &Judge::how_the_last_run_ended, &Judge::what_the_newest_lacks})
        if (auto why = (this->*look)(since); !why.empty())
            return why;
    return {};
}

std::string Judge::where_it_went(Clock::time_point) const
{
    const auto &answer = question_.answer;
    if (answer.moved <= answer.asked)
        return {};
    return std::format(
        "its address or its password is another one since {} or a while before, and what is there nobody has seen as yet",
        time_text(answer.moved));
}

/// What the record knows to have been made, and the repository does not have.
std::string Judge::what_is_lost(Clock::time_point since) const
{
    for (const auto &run : question_.record.history) {
        const auto *const result = result_in(run, question_.repository);
        if (result == nullptr || result->unchanged_since || !is_whole(run, *result) || run.ended > question_.answer.asked ||
            instant_of(run) <= since)
            continue;
        const auto &id = result->summary.snapshot_id;
        if (stored(id) != nullptr)
            return {};
        return std::format(
            "the snapshot {}, which the run of {} made, is not there any more: it was removed, or an older copy is in "
            "the repository's place",
            short_id(id), time_text(run.started));
    }
    return {};
}

/// The job's own runs that have made a snapshot there before it was asked, newest first. What was sent late may be older than the one before it.
std::vector<const Run *> Judge::made_here() const
{
    std::vector<const Run *> made;
    for (const auto &run : question_.record.history) {
        const auto *const result = result_in(run, question_.repository);
        if (result != nullptr && has_snapshot(result->outcome) && !result->unchanged_since &&
            !result->summary.snapshot_id.empty() && run.kept_run.empty() && run.ended <= question_.answer.asked)
            made.push_back(&run);
    }
    return made;
}

/// Whether restic takes the job's last snapshot for a parent, and the place is the same each time: a directory may be another disk's today, a credential another address.
bool Judge::names_its_parent() const
{
    const auto &job = question_.job;
    const auto repository = std::ranges::find(job.repositories, question_.repository, &Repository::name);
    return repository != job.repositories.end() && !repository->location.empty() && repository->local_path().empty() &&
           std::ranges::none_of(job.restic_args, [](const std::string &argument) {
               return argument == "--force" || argument == "-f" || argument.starts_with("--parent") ||
                      argument.starts_with("--group-by") || argument.starts_with("-g");
           });
}

/// That the snapshot before the newest was gone when that was made: the newest has one from before that as its parent, or none while there is no other. Whoever removes it
/// afterwards takes away no parent; whatever else may be the parent (what was sent late, tagged or copied, or left by a killed run) is not in the record, and says nothing.
std::string Judge::what_was_gone() const
{
    const auto made = made_here();
    if (made.size() < 2 || !names_its_parent())
        return {};
    const auto of = [&](const Run *run) -> const RepositoryResult & { return *result_in(*run, question_.repository); };
    const auto &last = of(made[0]), &before = of(made[1]);
    const auto *const newest = stored(last.summary.snapshot_id);
    const bool rules_took_some = last.retention && last.retention->removed > 0;
    if (newest == nullptr || stored(before.summary.snapshot_id) != nullptr || before.outcome == Outcome::disproved ||
        rules_took_some)
        return {};
    const auto is_parent = [&](const Run *run) { return of(run).summary.snapshot_id == newest->parent; };
    if (newest->parent.empty() ? own_.size() > 1 : std::ranges::none_of(made | std::views::drop(2), is_parent))
        return {};
    return std::format(
        "the snapshot {}, which the run of {} made, was gone when the next one was made: it was removed, an older copy was "
        "put in the repository's place, or its address is another one since",
        short_id(before.summary.snapshot_id), time_text(made[1]->started));
}

std::string Judge::how_the_last_run_ended(Clock::time_point since) const
{
    const auto &history = question_.record.history;
    if (history.empty() || history.front().ended <= since)
        return {};
    const auto &run = history.front();
    const auto *const result = result_in(run, question_.repository);
    if (result != nullptr && is_whole(run, *result))
        return {};
    const auto outcome = result == nullptr ? run.outcome : result->outcome == Outcome::success ? run.outcome : result->outcome;
    const auto &message = result == nullptr || result->message.empty() ? run.message : result->message;
    return std::format("the last run, of {}, ended as {}{}", time_text(run.started), to_string(outcome),
                       message.empty() ? "" : ": " + printable(message, most_of_a_reason));
}

std::string Judge::what_the_newest_lacks(Clock::time_point since) const
{
    if (own_.empty() || time_of(own_.front()) <= since)
        return {};
    return std::format("the newest snapshot, {} of {}, {}", short_id(own_.front().id), time_text(time_of(own_.front())),
                       what_is_wrong(own_.front()));
}

std::string age_of(Clock::time_point as_of, Clock::time_point now)
{
    return time_left_text(std::chrono::floor<std::chrono::seconds>(std::max(now - as_of, Clock::duration{})));
}

} // namespace

Freshness judge(const FreshnessInQuestion &question)
{
    return Judge{question}.judge();
}

Record known_runs(const StateDirectories &where, const std::string &instance)
{
    const auto path = where.records / (instance + ".json");
    std::error_code unknown;
    const bool has_one = std::filesystem::symlink_status(path, unknown).type() != std::filesystem::file_type::not_found;
    auto record = read_record(where, instance);
    if (has_one && !record)
        throw Failure{std::format(
            "{} cannot be read, or is of another version: what came of the backups is not known. The next one begins it anew",
            path.native())};
    return std::move(record).value_or(Record{});
}

Clock::time_point last_change(const Record &record, const std::string &repository)
{
    Clock::time_point last{};
    for (const auto &run : record.history)
        if (const auto *const result = result_in(run, repository); result != nullptr && !result->unchanged_since)
            last = std::max(last, run.ended);
    return last;
}

std::string freshness_sentence(const FreshnessInQuestion &question, const Freshness &freshness, const std::string &trouble)
{
    const auto backup = std::format("backup of {} in {}", printable(question.job.name), printable(question.repository));
    const auto newest = freshness.as_of ? std::format("{} old, {}as of {} (snapshot {})", age_of(*freshness.as_of, question.now),
                                                      freshness.unchanged ? "unchanged " : "", time_text(*freshness.as_of),
                                                      short_id(freshness.snapshot_id))
                                        : std::string{};
    std::string sentence;
    if (freshness.fresh)
        sentence = std::format("The {} is fresh: {}", backup, newest);
    else if (freshness.unasked_since)
        sentence =
            std::format("Nobody knows how fresh the {} is: since {}, for more than {} h (objective-hours), no look has got there, "
                        "though a backup has; the newest good one was {}",
                        backup, time_text(*freshness.unasked_since), question.job.objective.count(), newest);
    else if (freshness.as_of)
        sentence = std::format("The {} is too old: the newest good one is {}, and {} h are allowed (objective-hours)", backup,
                               newest, question.job.objective.count());
    else
        sentence = std::format("There is no good {}", backup);
    if (!freshness.why_unasked.empty())
        sentence += std::format("; that is what is known, for it cannot be asked now: {}", freshness.why_unasked);
    if (freshness.fresh && !freshness.lost.empty())
        return std::format("{}. But {}. To see what is left: igotchuu snapshots '{}'", sentence, freshness.lost,
                           printable(question.job.name));
    if (freshness.fresh)
        return sentence;
    if (freshness.unasked_since)
        return std::format("{}. To look again: systemctl start 'igotchuu-fresh@{}'", sentence, question.job.instance);
    for (const auto &reason : {freshness.why, trouble})
        if (!reason.empty())
            sentence += "; " + reason;
    return std::format("{}. To back up now: systemctl start 'igotchuu@{}'", sentence, question.job.instance);
}

} // namespace igotchuu
