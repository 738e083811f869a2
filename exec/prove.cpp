// SPDX-License-Identifier: MIT
#include "exec/prove.hpp"

#include "exec/open-beneath.hpp"
#include "exec/restic/access.hpp"
#include "exec/restic/compare.hpp"
#include "exec/restic/start.hpp"
#include "exec/restore-directory.hpp"
#include "exec/same-file.hpp"
#include "exec/sample.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/lies-below.hpp"
#include "job/state-files.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <format>
#include <optional>
#include <ranges>
#include <set>
#include <sys/stat.h>
#include <utility>

namespace igotchuu
{

namespace
{

namespace fs = std::filesystem;

constexpr std::uint64_t room = std::uint64_t{64} * 1024 * 1024; // of memory, for what is restored
constexpr std::chrono::hours earlier{12}; // than a proof's days are over: a timer is not so exact

/// One proof of one backup, step by step.
class Prover
{
public:
    explicit Prover(const ToProve &what) : what_{what}, live_{what.shown.live()} {}
    Proof run();

private:
    [[nodiscard]] bool is_frozen() const;
    [[nodiscard]] const restic::Access &access();
    bool step(restic::Compared result);
    void differs_now(const std::string &path);
    [[nodiscard]] restic::Compared but_for_the_disk(restic::Compared result);
    void same(const std::string &path, std::uint64_t size);
    [[nodiscard]] restic::Compared compare_restored(const RestoreDirectory &directory, const std::vector<std::string> &chosen,
                                                    restic::Compared restored);
    bool compare_all(restic::Comparison comparison);
    bool ends();

    const ToProve &what_;
    std::vector<std::string> live_;
    restic::Installation installation_ = restic::Installation::standard();
    std::optional<restic::Access> embedded_;
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point step_began_ = began_;
    bool heard_ = false; ///< something, since the step began
    std::chrono::seconds answers_within_ = what_.request.repository.answer_timeout;
    std::string why_ended_;
    Sample sample_{what_.request.job.prove.files};
    std::set<std::string> told_; ///< that they differ now
    Proof proof_{.extent = what_.extent};
};

/// Whether anything is.
bool Prover::is_frozen() const
{
    return std::ranges::any_of(what_.request.job.sources,
                               [&](const auto &source) { return !std::ranges::contains(live_, source); });
}

const restic::Access &Prover::access()
{
    if (what_.request.access != nullptr)
        return *what_.request.access;
    if (!embedded_)
        embedded_.emplace(what_.request.repository, what_.request.job.instance, installation_, what_.stop);
    return *embedded_;
}

bool Prover::ends()
{
    const auto now = std::chrono::steady_clock::now();
    if (now - began_ > what_.request.job.prove.minutes)
        why_ended_ = std::format("it took longer than {} min (the key prove-minutes)", what_.request.job.prove.minutes.count());
    else if (!heard_ && now - step_began_ > answers_within_)
        why_ended_ = "the repository does not answer (the key answer-timeout)";
    else
        why_ended_ = what_.shown.snapshots.short_of_space();
    return !why_ended_.empty();
}

/// Whether there is a next one.
bool Prover::step(restic::Compared result)
{
    step_began_ = std::chrono::steady_clock::now(); // the next one is another restic, whose server may have gone meanwhile
    heard_ = false;
    if (result.finding == Finding::proven)
        return true;
    if (what_.differs_now && result.differences > 0) {
        std::ranges::for_each(result.different, [&](const auto &path) { differs_now(path); });
        return true;
    }
    proof_.finding = result.finding;
    proof_.why = !result.why.empty() ? std::move(result.why) : !why_ended_.empty() ? why_ended_ : "it was stopped";
    return false;
}

void Prover::differs_now(const std::string &path)
{
    if (told_.insert(path).second)
        what_.differs_now(path);
}

/// restic takes a file of the source that it cannot read for one that differs. That is no fault of the backup, which may be all that is left of it.
restic::Compared Prover::but_for_the_disk(restic::Compared result)
{
    if (result.differences == 0 || result.differences > result.different.size())
        return result;
    for (const auto &path : result.different) {
        const Fd file = open_without_links(what_.request.root + path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
        const int error = file ? error_of_reading(file, [&] { return what_.stop.asked() || ends(); }) : errno;
        if (error == ECANCELED)
            return {};
        if (error != EIO)
            return result;
    }
    auto why = printable(result.different.front());
    if (const auto more = result.different.size() - 1; more > 0)
        why += std::format(" and {} more", more);
    why += " cannot be read from the disk any more";
    return {.why = std::move(why)};
}

void Prover::same(const std::string &path, std::uint64_t size)
{
    ++proof_.files;
    proof_.bytes += size;
    sample_.offer(path, size);
    const auto &all = what_.made.summary;
    const auto whole = static_cast<double>(std::max<std::uint64_t>(1, all.total_bytes_processed));
    what_.listener.progress({.percent_done = std::min(1.0, static_cast<double>(proof_.bytes) / whole),
                             .total_files = all.total_files_processed,
                             .files_done = proof_.files,
                             .total_bytes = all.total_bytes_processed,
                             .bytes_done = proof_.bytes});
}

/// restic restore opens what is there under a file's name, and waits for ever where that is a FIFO. As they were for the backup, the sources have none there, or
/// the first of the two finds it; as they are now, they may.
bool Prover::compare_all(restic::Comparison comparison)
{
    if (!step(restic::compare_metadata(comparison, what_.request, what_.made)))
        return false;
    std::vector<std::string> fifos;
    const auto look = [&](const std::string &path, std::uint64_t) {
        const Fd file = open_without_links(what_.request.root + path, O_PATH | O_NOFOLLOW);
        struct stat status{};
        if (file && fstat(file.get(), &status) == 0 && S_ISFIFO(status.st_mode))
            fifos.push_back(path);
    };
    if (what_.differs_now && !step(restic::list_files(comparison, look)))
        return false;
    std::ranges::for_each(fifos, [&](const auto &path) { differs_now(path); });
    comparison.unopened = fifos;
    const auto hear = [&](const std::string &path, std::uint64_t size) { same(path, size); };
    return step(but_for_the_disk(restic::compare_contents(comparison, what_.made.summary.total_files_processed, hear)));
}

Proof Prover::run()
{
    if (!is_frozen())
        return {.extent = what_.extent, .why = "nothing of it was frozen, so that there is nothing left to compare it with"};
    const restic::Starter starter{.installation = installation_,
                                  .features = what_.features,
                                  .stop = what_.stop,
                                  .listener = what_.listener,
                                  .starts = what_.starts,
                                  .root = what_.request.root,
                                  .frozen = what_.request.job.sources};
    const std::function<bool()> ends{[&] { return this->ends(); }};
    const std::function<void()> heard{[&] { heard_ = true; }};
    const restic::Comparison comparison{.starter = starter,
                                        .access = access(),
                                        .snapshot = what_.made.summary.snapshot_id,
                                        .sources = what_.request.job.sources,
                                        .live = live_,
                                        .ends = ends,
                                        .heard = heard,
                                        .later = static_cast<bool>(what_.differs_now)};
    const auto offer = [&](const std::string &path, std::uint64_t size) { sample_.offer(path, size); };
    if (what_.extent == Extent::full ? !compare_all(comparison) : !step(restic::list_files(comparison, offer)))
        return proof_;
    const auto chosen = sample_.drawn(room / 2);
    if (!chosen.empty()) {
        const RestoreDirectory directory{what_.request.root, installation_.cache_directory + "/restored",
                                         restic::foreign_owner(what_.request.repository), room};
        answers_within_ = std::max<std::chrono::seconds>(
            answers_within_, Repository::standard_answer_timeout); // it has no cache: all of the index is read
        if (!step(compare_restored(directory, chosen, restic::restore_files(comparison, chosen, directory.inside()))))
            return proof_;
    } else if (what_.extent == Extent::sample && what_.made.summary.total_files_processed > 0) {
        proof_.why = "there is no file to restore that is small enough";
        return proof_;
    }
    proof_.finding = Finding::proven;
    return proof_;
}

/// By their own names: those that restic says may have lost bytes. `restored`: how restic ended, who cannot give the files their owners and calls that an error.
restic::Compared Prover::compare_restored(const RestoreDirectory &directory, const std::vector<std::string> &chosen,
                                          restic::Compared restored)
{
    if (restored.finding == Finding::unproven && (what_.stop.asked() || !why_ended_.empty()))
        return restored;
    if (fs::space(directory.path()).available < room / 8) // a line fits others whose names are no UTF-8
        return {.why = "there was no room for what restic restored"};
    std::uint64_t files = 0;
    std::set<std::string> seen;
    for (const auto &entry : fs::recursive_directory_iterator{directory.path()}) {
        if (entry.is_symlink() || !entry.is_regular_file())
            continue;
        const auto path = entry.path().native().substr(directory.path().size());
        if (std::ranges::any_of(live_,
                                [&](const auto &live) { return lies_below(path, live); })) // a line may fit other files as well
            continue;
        const Fd original = open_without_links(what_.request.root + path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
        if (!original && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
            return {.finding = Finding::disproved,
                    .why = "restored, it is no file of the source: " + printable(path),
                    .differences = 1,
                    .different = {path}};
        if (!original)
            fail(errno, "cannot open {}", printable(path));
        const Fd copy = open_without_links(entry.path().native(), O_RDONLY | O_NOFOLLOW);
        if (!copy)
            fail(errno, "cannot open what was restored of {}", printable(path));
        const auto what = difference(original, copy, path);
        if (!what.empty() && restored.finding == Finding::disproved)
            return restored;
        if (!what.empty())
            return {.finding = restored.complained ? Finding::unproven : Finding::disproved, // it may not have got all of it
                    .why = std::format("restored, the {} is not that of the source: {}", what, printable(path)),
                    .differences = 1,
                    .different = {path}};
        ++files;
        seen.insert(path);
    }
    const auto is_missing = [&](const std::string &path) { return !path.contains("\xef\xbf\xbd") && !seen.contains(path); };
    const auto missing = std::ranges::find_if(chosen, is_missing);
    if (restored.finding == Finding::disproved)
        return restored;
    if (missing != chosen.end() || files < chosen.size())
        return {.why =
                    std::format("restic did not restore all that it was to{}{}", restored.why.empty() ? "" : ": ", restored.why)};
    proof_.restored = files;
    return {.finding = Finding::proven};
}

} // namespace

Proof prove(const ToProve &what)
try {
    return Prover{what}.run();
} catch (const Cancelled &) {
    return {.extent = what.extent, .why = "it was stopped"};
} catch (const std::exception &error) {
    return {.extent = what.extent, .why = printable(error.what())};
}

namespace
{

/// As far as the history reaches back.
bool was_last_disproved(const Record &record, const std::string &repository)
{
    for (const auto &run : record.history)
        for (const auto &result : run.repositories)
            if (result.repository == repository && result.proof && result.proof->finding != Finding::unproven)
                return result.proof->finding == Finding::disproved;
    return false;
}

/// When a backup there was last proven as far as that; the epoch: none was. One that lacks something is proven, and yet not the last proven one.
Clock::time_point last_proof(const Record &record, const std::string &repository, Extent extent, Lacks lacks)
{
    Clock::time_point last{};
    if (const auto *const proven = last_proven(record, repository); proven != nullptr && proven->extent >= extent)
        last = proven->proven;
    for (const auto &run : record.history)
        for (const auto &result : run.repositories)
            if (result.repository == repository && result.proof && result.proof->finding == Finding::proven &&
                result.proof->extent >= extent && (lacks == Lacks::something || is_whole(run, result)))
                last = std::max(last, run.ended);
    return last;
}

} // namespace

bool is_proof_due(const Prove &prove, const Record &record, const std::string &repository, Lacks lacks, Clock::time_point now)
{
    if (prove.extent == Extent::off)
        return false;
    const auto last = last_proof(record, repository, prove.extent, lacks);
    const bool none_is_left = lacks == Lacks::nothing && last_proven(record, repository) == nullptr; // it was disproved by hand
    return last > now || now - last + earlier >= prove.every || none_is_left || was_last_disproved(record, repository);
}

void prove_backups(const Shown &shown, const std::vector<Opened> &opened, Lacks lacks, const restic::Features &features,
                   const StopRequest &stop, Report &report, Run &run)
{
    const auto record = read_record({}, shown.job.instance).value_or(Record{});
    const restic::Listener listener{[&](const Progress &progress) { report.progress(progress); },
                                    [&](const std::string &line) { report.complaint(line); },
                                    [&](pid_t process, int signal) { report.stands_still(process, signal); }};
    bool begun = false;
    for (const auto &[repository, open] : std::views::zip(shown.job.repositories, opened)) {
        const auto made = std::ranges::find(run.repositories, repository.name, &RepositoryResult::repository);
        if (made == run.repositories.end() || !has_snapshot(made->outcome) || stop.asked())
            continue;
        const auto it_lacks = made->outcome == Outcome::partial ? Lacks::something : lacks;
        if (!is_proof_due(shown.job.prove, record, repository.name, it_lacks, Clock::now()))
            continue;
        auto &result = *made;
        if (!std::exchange(begun, true))
            report.phase(Phase::prove);
        report.repository(repository.name);
        const auto request = shown.request(repository, open);
        result.proof = prove({.shown = shown,
                              .request = request,
                              .made = result,
                              .extent = shown.job.prove.extent,
                              .features = features,
                              .stop = stop,
                              .listener = listener,
                              .starts = run.restic_starts});
        report.proof(result);
        if (result.proof->finding != Finding::disproved)
            continue;
        result.outcome = Outcome::disproved;
        result.message = result.proof->why;
        run.outcome = worse(run.outcome, result.outcome);
        run.add_to_message(std::format("{}: {}", printable(repository.name), result.message));
    }
}

} // namespace igotchuu
