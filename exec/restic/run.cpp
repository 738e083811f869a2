// SPDX-License-Identifier: MIT
#include "exec/restic/run.hpp"

#include "exec/restic/command-line.hpp"
#include "exec/restic/embedded.hpp"
#include "exec/restic/start.hpp"
#include "exec/restic/tags.hpp"
#include "exec/restic/unlock.hpp"
#include "exec/restic/verdict.hpp"
#include "exec/sources.hpp"
#include "job/error.hpp"
#include "job/host-name.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <format>
#include <sys/stat.h>
#include <unistd.h>

namespace igotchuu::restic
{

namespace
{

/// At once: the snapshot would be held all the while that restic tries to lock it.
void refuse_read_only(const Repository &repository)
{
    if (!is_read_only(repository))
        return;
    const auto path = repository.local_path();
    std::error_code unknown;
    const auto real = std::filesystem::canonical(path, unknown).native();
    if (!unknown && real != path) // the unit may write to what is named, and not to where that leads
        throw Failure{std::format("the repository {} cannot be written to here: name its real path, {}", path, real)};
    throw Failure{std::format("the repository {} is on a file system that is read-only; see: findmnt --target {}", path, path)};
}

/// One use of one repository, start by start.
class Session
{
public:
    Session(const BackupRequest &request, const Starter &starter)
        : request_{request}, repository_{request.repository}, starter_{starter}
    {
    }
    RepositoryResult run();

private:
    [[nodiscard]] Ended backup(const Access &access) const;
    [[nodiscard]] Ended backup_to_embedded() const;
    void make_embedded() const { restic::make_embedded(starter_, repository_, request_.job.instance); }
    [[nodiscard]] RepositoryResult verified(RepositoryResult result) const;
    [[nodiscard]] Access access_to(const Repository &embedded) const
    {
        return {embedded, request_.job.instance, starter_.installation, starter_.stop};
    }

    const BackupRequest &request_;
    const Repository &repository_;
    const Starter &starter_;
};

Ended Session::backup(const Access &access) const
{
    const auto clock = wall_clock(request_.instant);
    return start_past_dead_locks(starter_, access,
                                 {.arguments = backup_arguments(request_, clock.time, host_name(), own_tags(request_.job.instance)),
                                  .variables = clock.variables,
                                  .answers_within = repository_.answer_timeout,
                                  .reaches_within = request_.reaches_within});
}

Ended Session::backup_to_embedded() const
{
    if (!has_key(repository_))
        make_embedded();
    auto ended = backup(access_to(repository_));
    if (ended.end.status != exit_code::no_repository)
        return ended;
    make_embedded(); // another job is about to put it in its place, or was killed before it could
    return backup(access_to(repository_));
}

RepositoryResult Session::run()
{
    starter_.stop.check();
    if (is_absent(repository_))
        return {.repository = repository_.name, .outcome = Outcome::pending, .message = explain_absence(repository_)};
    refuse_read_only(repository_);
    const auto ended = request_.access == nullptr ? backup_to_embedded() : backup(*request_.access);
    auto result = judge(repository_, ended.end, ended.words);
    if (result.outcome == Outcome::stopped && ended.silent)
        return judge_silence(repository_, ended.words);
    if (result.outcome == Outcome::stopped && ended.lost_server()) {
        result.outcome = ended.unreached ? Outcome::pending : Outcome::failed;
        result.message = explain(repository_, ended);
    }
    return verified(std::move(result));
}

/// Believes restic only what can be seen: the snapshot, where we can look, and files in it, where there are any.
RepositoryResult Session::verified(RepositoryResult result) const
{
    if (result.outcome != Outcome::success && result.outcome != Outcome::partial)
        return result;
    if (const auto path = repository_.local_path(); !path.empty()) {
        const auto snapshot = path + "/snapshots/" + result.summary.snapshot_id;
        if (struct stat info{}; stat(snapshot.c_str(), &info) < 0) {
            result.outcome = Outcome::failed;
            result.message = std::format("restic named the snapshot {}, but it is not in the repository {}",
                                         result.summary.snapshot_id, shown_location(repository_));
        }
    }
    if (result.summary.total_files_processed == 0 &&
        std::ranges::any_of(request_.job.sources, [&](const auto &source) { return has_a_file(source, request_.leave_out); })) {
        result.outcome = Outcome::failed;
        result.message = "restic backed up no file at all, though there are some (are all of them excluded?)";
    }
    return result;
}

} // namespace

bool is_absent(const Repository &repository)
{
    const auto path = repository.local_path();
    struct stat status{};
    return !path.empty() && !repository.embedded() && stat(path.c_str(), &status) < 0 &&
           (errno == ENOENT || errno == ENODEV); // ENODEV: an automount of a disk that is not there
}

RepositoryResult backup(const BackupRequest &request, const Features &features, const StopRequest &stop, const Listener &listener,
                        std::uint32_t &starts, const Installation &installation)
{
    try {
        const Starter starter{.installation = installation,
                              .features = features,
                              .stop = stop,
                              .listener = listener,
                              .starts = starts,
                              .root = request.root,
                              .frozen = request.job.sources};
        return Session{request, starter}.run();
    } catch (const Cancelled &) {
        return {.repository = request.repository.name,
                .outcome = Outcome::stopped,
                .message = "stopped before restic ran",
                .summary = {}};
    }
}

} // namespace igotchuu::restic
