// SPDX-License-Identifier: MIT
#include "exec/judge.hpp"

#include "job/amount.hpp"
#include "job/diagnostic.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <format>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace igotchuu
{

namespace
{

constexpr std::size_t good_runs_needed = 5;
constexpr std::size_t runs_compared = 10; // for what is usual
constexpr std::uint32_t always_allowed = 3; // that many may go at once in any case

/// restic counts the directories' own data with the rest, which is most of it where files are few and small.
constexpr std::uint64_t data_that_counts = 1024UZ * 1024;

bool over_half(std::uint64_t part, std::uint64_t whole)
{
    return part > whole / 2;
}

bool is_less_than_half(std::uint64_t part, std::uint64_t whole)
{
    return part < whole - whole / 2;
}

/// What files mean that are new. When the backup before lacked much, they are back: their data is in the repository already, or counts as new data.
enum class New { counts, is_back };

bool is_rewritten(const Summary &summary, New files = New::counts)
{
    const auto bytes = summary.data_added,
               other = files == New::counts ? summary.files_new + summary.files_changed : summary.files_changed;
    return over_half(other, summary.total_files_processed) ||
           (bytes > data_that_counts && over_half(bytes, summary.total_bytes_processed));
}

std::string how_rewritten(const Summary &summary)
{
    return std::format("{} of {} files are new or changed, with {} of new data in {}",
                       number_text(summary.files_new + summary.files_changed), number_text(summary.total_files_processed),
                       bytes_text(summary.data_added), bytes_text(summary.total_bytes_processed));
}

bool is_implausible(Hold hold)
{
    return hold == Hold::empty || hold == Hold::moved || hold == Hold::shrunk || hold == Hold::rewritten;
}

/// Whether a run that is held for it was compared with none before it.
bool comes_before_all(Hold hold)
{
    return hold == Hold::newest || hold == Hold::lost;
}

/// Whether a run that is held for it was not asked what it has rewritten any more.
bool comes_before_rewritten(Hold hold)
{
    return hold == Hold::lost || hold == Hold::empty || hold == Hold::moved || hold == Hold::shrunk;
}

/// A backup that was made there before; a run that had nothing to do made none.
struct Made {
    const Run &run;
    const RepositoryResult &result;

    [[nodiscard]] bool good() const { return result.outcome == Outcome::success; }
    [[nodiscard]] Hold hold() const { return result.retention ? result.retention->hold : Hold::none; }
    /// Whether it was compared with those before it.
    [[nodiscard]] bool judged() const
    {
        return result.retention && hold() != Hold::newest && hold() != Hold::locked && hold() != Hold::failed;
    }
    /// Whether what its plan would remove was removed, unseen or confirmed.
    [[nodiscard]] bool carried_out() const { return result.retention && hold() == Hold::none; }
};

class Judge
{
public:
    explicit Judge(const PlanInQuestion &question) : question_{question}
    {
        for (const auto &run : question.before)
            for (const auto &result : run.repositories)
                if (result.repository == question.last.repository && !result.unchanged_since && has_snapshot(result.outcome))
                    made_.push_back({run, result});
    }

    [[nodiscard]] Verdict judge() const
    {
        for (const auto check :
             {&Judge::newest, &Judge::lost, &Judge::unlike_before, &Judge::rewritten, &Judge::machines, &Judge::too_many})
            if (auto verdict = (this->*check)(); verdict.hold != Hold::none)
                return verdict;
        return {};
    }

private:
    [[nodiscard]] Verdict newest() const;
    [[nodiscard]] Verdict lost() const;
    [[nodiscard]] Verdict unlike_before() const;
    [[nodiscard]] Verdict unlike(const Made &measure) const;
    [[nodiscard]] Verdict rewritten() const;
    [[nodiscard]] Verdict machines() const;
    [[nodiscard]] Verdict too_many() const;

    [[nodiscard]] std::vector<restic::PlannedSnapshot> newest_first() const;
    /// How many backups before the `index`th one were good ones.
    [[nodiscard]] std::size_t good_before(std::size_t index) const
    {
        return static_cast<std::size_t>(
            std::ranges::count_if(made_.begin() + static_cast<std::ptrdiff_t>(index), made_.end(), &Made::good));
    }
    [[nodiscard]] bool is_often_rewritten() const;
    [[nodiscard]] bool was_rewritten(const Made &made) const;
    [[nodiscard]] std::uint64_t usual_most() const;

    const PlanInQuestion &question_;
    std::vector<Made> made_; ///< newest first
};

std::vector<restic::PlannedSnapshot> Judge::newest_first() const
{
    auto all = question_.plan.keep;
    all.insert(all.end(), question_.plan.remove.begin(), question_.plan.remove.end());
    std::ranges::stable_sort(all, std::ranges::greater{}, &restic::PlannedSnapshot::time);
    return all;
}

/// One from the future would make "the last week" a week that nothing else is in.
Verdict Judge::newest() const
{
    const auto all = newest_first();
    if (all.empty())
        return {Hold::newest, "no snapshot of the job and this machine is in the repository"};
    const auto id = question_.last.summary.snapshot_id.empty() ? all.front().id : question_.last.summary.snapshot_id;
    const auto last = std::ranges::find(all, id, &restic::PlannedSnapshot::id);
    if (last == all.end())
        return {Hold::newest, std::format("the last backup that is known, {}, is not in the repository", id.substr(0, 8))};
    if (all.front().time > last->time)
        return {Hold::newest,
                std::format("the snapshot {} is of {:%F}, later than the last backup that is known, {} (was the clock wrong, or "
                            "a run killed?)",
                            all.front().id.substr(0, 8), std::chrono::floor<std::chrono::days>(all.front().time), id.substr(0, 8))};
    if (!std::ranges::contains(question_.plan.keep, id,
                               &restic::PlannedSnapshot::id)) // another one of the same second may stay in its place
        return {Hold::newest, std::format("the newest snapshot, {}, is not among those that would stay", id.substr(0, 8))};
    return {};
}

/// What the run before has stored stays until this one's: whoever took it away was not us, unless the rules were asked since. What was sent late may have been among the oldest
/// at once.
Verdict Judge::lost() const
{
    if (question_.last.retention && question_.last.retention->removed > 0)
        return {};
    const auto before = std::ranges::find_if(
        made_, [](const Made &made) { return made.run.kept_run.empty() && !made.result.summary.snapshot_id.empty(); });
    if (before == made_.end())
        return {};
    const auto &id = before->result.summary.snapshot_id;
    if (std::ranges::any_of(newest_first(), [&](const auto &there) { return there.id == id || there.original == id; }))
        return {};
    return {Hold::lost,
            std::format("the snapshot {}, which the run of {:%F} made, is not in the repository any more: it was removed, or "
                        "an older copy is in the repository's place",
                        id.substr(0, 8), std::chrono::floor<std::chrono::days>(before->run.started))};
}

/// Compared with the last backup that was plausible itself: what is missing today must not be the measure of tomorrow. Nor is what nobody has compared,
/// unless there is nothing else.
Verdict Judge::unlike_before() const
{
    if (good_before(0) < good_runs_needed)
        return {};
    const auto is_plausible = [](const Made &made) { return made.good() && !is_implausible(made.hold()); };
    const auto is_measure = [&](const Made &made) { return is_plausible(made) && !comes_before_all(made.hold()); };
    if (const auto measure = std::ranges::find_if(made_, is_measure); measure != made_.end())
        return unlike(*measure);
    if (const auto measure = std::ranges::find_if(made_, is_plausible); measure != made_.end())
        return unlike(*measure);
    const auto known = std::ranges::find_if(made_, &Made::good); // the history does not reach back so far any more
    return {known->hold(), known->result.retention->why};
}

Verdict Judge::unlike(const Made &measure) const
{
    for (const auto &place : question_.sources) {
        const auto before = std::ranges::find(measure.run.sources, place.source, &SourcePlace::source);
        if (before == measure.run.sources.end())
            continue;
        if (place.empty && !before->empty)
            return {Hold::empty, std::format("there is no file in the source {} any more", printable(place.source))};
        if (place.file_system != before->file_system && !before->file_system.empty())
            return {Hold::moved, std::format("the source {} is on another file system ({}) than before ({})",
                                             printable(place.source), place.file_system, before->file_system)};
    }
    const auto &now = question_.last.summary, &then = measure.result.summary;
    if (is_less_than_half(now.total_files_processed, then.total_files_processed) ||
        is_less_than_half(now.total_bytes_processed, then.total_bytes_processed))
        return {Hold::shrunk, std::format("the backup has only {} files ({}), where it had {} ({})",
                                          number_text(now.total_files_processed), bytes_text(now.total_bytes_processed),
                                          number_text(then.total_files_processed), bytes_text(then.total_bytes_processed))};
    return {};
}

/// A dump of a database is new each time.
bool Judge::is_often_rewritten() const
{
    std::size_t compared = 0, rewritten = 0;
    for (const auto &made : made_)
        if (made.good() && compared < runs_compared) {
            ++compared;
            rewritten += is_rewritten(made.result.summary);
        }
    return over_half(rewritten, compared);
}

/// What a backup lacked is no part of it: of what is there now it may have rewritten little.
bool Judge::was_rewritten(const Made &made) const
{
    auto summary = made.result.summary;
    if (!comes_before_rewritten(made.hold()))
        return is_rewritten(summary);
    summary.total_files_processed = question_.last.summary.total_files_processed;
    summary.total_bytes_processed = question_.last.summary.total_bytes_processed;
    return is_rewritten(summary, New::is_back);
}

/// Also by a backup that was not asked for it: it was partial, restic failed after it, or it was held for something else.
Verdict Judge::rewritten() const
{
    if (is_often_rewritten())
        return {};
    const bool lacked = !made_.empty() && is_implausible(made_.front().hold()) && made_.front().hold() != Hold::rewritten;
    if (good_before(0) >= good_runs_needed && is_rewritten(question_.last.summary, lacked ? New::is_back : New::counts))
        return {Hold::rewritten, how_rewritten(question_.last.summary)};
    for (std::size_t i = 0; i < made_.size(); ++i) {
        const auto &made = made_[i];
        if (made.judged() && !comes_before_rewritten(made.hold()))
            return made.hold() == Hold::rewritten ? Verdict{Hold::rewritten, made.result.retention->why} : Verdict{};
        if (good_before(i + 1) >= good_runs_needed && was_rewritten(made))
            return {Hold::rewritten,
                    std::format("in the backup of {:%F}, {}", std::chrono::floor<std::chrono::days>(made.run.started),
                                how_rewritten(made.result.summary))};
    }
    return {};
}

/// A machine that gets a new name has one name after the other, and may get an old one back: once a plan was carried out, that is known. Two that were made
/// from one image, with its machine-id(5), go on taking turns.
Verdict Judge::machines() const
{
    const auto carried_out = std::ranges::find_if(made_, &Made::carried_out);
    const auto known = carried_out == made_.end() ? Clock::time_point{} : carried_out->run.ended;
    std::map<std::string, std::chrono::sys_time<std::chrono::nanoseconds>> began; // each host's turn that was seen last
    std::string current;
    for (const auto &snapshot : newest_first()) {
        const auto turn = began.find(snapshot.host);
        if (turn != began.end() && snapshot.host != current && turn->second > known && !question_.plan.remove.empty())
            return {Hold::machines,
                    std::format(
                        "the hosts {} and {} take turns in the job's snapshots: one machine with changing names, or two with one "
                        "id (systemd-machine-id-setup(1))",
                        printable(current), printable(snapshot.host))};
        began[snapshot.host] = snapshot.time;
        current = snapshot.host;
    }
    return {};
}

/// Three times the median of the last plans that were carried out; one that was held is no measure.
std::uint64_t Judge::usual_most() const
{
    std::vector<std::uint64_t> planned;
    for (const auto &made : made_)
        if (made.carried_out() && planned.size() < runs_compared)
            planned.push_back(made.result.retention->planned);
    if (planned.empty())
        return 0;
    std::ranges::sort(planned);
    const auto middle = planned.size() / 2;
    const auto twice_the_median = planned.size() % 2 == 1 ? 2 * planned[middle] : planned[middle - 1] + planned[middle];
    return 3 * twice_the_median / 2;
}

Verdict Judge::too_many() const
{
    const auto planned = question_.plan.remove.size();
    const auto most = std::max<std::uint64_t>(always_allowed, usual_most());
    if (planned <= most)
        return {};
    return {Hold::too_many, std::format("{} of {} snapshots would go, and no more than {} go at once unseen", planned,
                                        planned + question_.plan.keep.size(), most)};
}

} // namespace

Verdict judge(const PlanInQuestion &question)
{
    return Judge{question}.judge();
}

} // namespace igotchuu
