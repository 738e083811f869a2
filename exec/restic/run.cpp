// SPDX-License-Identifier: MIT
#include "exec/restic/run.hpp"

#include "exec/child.hpp"
#include "exec/confine.hpp"
#include "exec/lines.hpp"
#include "exec/restic/command-line.hpp"
#include "exec/restic/embedded.hpp"
#include "exec/restic/message.hpp"
#include "exec/restic/redact.hpp"
#include "exec/restic/secret.hpp"
#include "exec/restic/verdict.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/lies-below.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <filesystem>
#include <format>
#include <iterator>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

namespace igotchuu::restic
{

namespace
{

/// Hears one start of restic: hands on what the caller wants to know, keeps what the verdict needs.
class Ears
{
public:
    explicit Ears(const Listener &listener) : listener_{listener} {}

    [[nodiscard]] Child::Sink output()
    {
        return [this](std::string_view bytes) { output_.feed(bytes); };
    }
    [[nodiscard]] Child::Sink errors()
    {
        return [this](std::string_view bytes) { errors_.feed(bytes); };
    }
    Words finish();

private:
    void hear_output(std::string_view line);
    void hear_error(std::string_view line);
    void hear(const FileError &error);
    void show(const Progress &progress);
    void complain(std::string_view text) const { listener_.complaint(printable(redacted(text))); }

    const Listener &listener_;
    Words words_;
    std::chrono::steady_clock::time_point shown_{};
    Lines output_{[this](std::string_view line) { hear_output(line); }};
    Lines errors_{[this](std::string_view line) { hear_error(line); }};
};

void Ears::hear_output(std::string_view line)
{
    const auto message = parse(line);
    if (const auto *progress = std::get_if<Progress>(&message))
        show(*progress);
    else if (const auto *summary = std::get_if<Summary>(&message))
        words_.summary(*summary);
    else if (const auto *error = std::get_if<FileError>(&message))
        hear(*error);
    else if (std::holds_alternative<Text>(message) && !line.empty())
        complain(line);
}

/// A plain line can hold a file's name, and a file's name can hold a newline and a summary: only errors are taken from here.
void Ears::hear_error(std::string_view line)
{
    const auto message = parse(line);
    if (const auto *error = std::get_if<FileError>(&message)) {
        hear(*error);
    } else if (const auto *last = std::get_if<ExitError>(&message)) {
        words_.last(last->message);
    } else if (!line.empty()) {
        words_.line(line);
        complain(line);
    }
}

void Ears::hear(const FileError &error)
{
    if (error.while_scanning)
        return;
    words_.error();
    complain(error.message.contains(error.item) ? error.message : error.item + ": " + error.message);
}

void Ears::show(const Progress &progress)
{
    const auto now = std::chrono::steady_clock::now();
    if (now - shown_ < std::chrono::milliseconds{500})
        return;
    shown_ = now;
    listener_.progress(progress);
}

Words Ears::finish()
{
    output_.finish();
    errors_.finish();
    if (const auto dropped = output_.dropped() + errors_.dropped(); dropped > 0)
        complain(std::format("{} lines of restic were dropped, each over 1 MiB", dropped));
    return words_;
}

/// A local repository that is not root's: without CAP_DAC_OVERRIDE only its owner can lock it.
std::optional<Owner> foreign_owner(const Repository &repository)
{
    struct stat info{};
    const auto path = repository.local_path();
    if (path.empty() || stat(path.c_str(), &info) < 0 || info.st_uid == geteuid()) // one that is not there is for restic to say
        return {};
    return Owner{info.st_uid, info.st_gid};
}

/// restic would try to lock it for a quarter of an hour, while the snapshot is held.
void refuse_read_only(const Repository &repository)
{
    const auto path = repository.local_path();
    if (path.empty() || access(path.c_str(), W_OK) == 0 || errno != EROFS)
        return;
    std::error_code unknown;
    const auto real = std::filesystem::canonical(path, unknown).native();
    if (!unknown && real != path) // the unit may write to what is named, and not to where that leads
        throw Failure{std::format("the repository {} cannot be written to here: name its real path, {}", path, real)};
    throw Failure{std::format("the repository {} is on a file system that is read-only; see: findmnt --target {}", path, path)};
}

/// Whether /tmp is frozen by that source, or may be covered on the way to it.
bool concerns_tmp(const std::string &source)
{
    return lies_below("/tmp", source) || lies_below(source, "/tmp");
}

void make_temporary_directory(const Installation &installation)
{
    const auto path = installation.temporary_directory();
    if ((mkdir(path.c_str(), 0700) < 0 && errno != EEXIST) || chmod(path.c_str(), 01777) < 0) // whatever the umask
        fail(errno, "cannot make {}", path);
}

std::string host_name()
{
    std::array<char, HOST_NAME_MAX + 1> name{};
    if (gethostname(name.data(), name.size() - 1) < 0)
        fail(errno, "cannot get the name of this host");
    return name.data();
}

/// But for what restic is told to leave out.
bool has_a_file(const std::string &source, const std::vector<std::string> &left_out)
{
    using std::filesystem::recursive_directory_iterator;
    for (recursive_directory_iterator at{source}, end; at != end; ++at) {
        if (std::ranges::contains(left_out, at->path().native()))
            at.disable_recursion_pending();
        else if (!at->is_symlink() && at->is_regular_file())
            return true;
    }
    return false;
}

/// One use of one repository, start by start.
class Session
{
public:
    Session(const BackupRequest &request, const Features &features, const StopRequest &stop, const Listener &listener,
            std::uint32_t &starts, const Installation &installation)
        : request_{request}, repository_{request.repository}, features_{features}, stop_{stop}, listener_{listener},
          starts_{starts}, installation_{installation}
    {
    }
    RepositoryResult run();

private:
    struct Ended {
        ChildEnd end;
        Words words;
    };
    Ended start(const Repository &repository, const std::vector<std::string> &arguments, const std::vector<std::string> &variables);
    Ended backup();
    void make_embedded();
    RepositoryResult verified(RepositoryResult result) const;

    const BackupRequest &request_;
    const Repository &repository_;
    const Features &features_;
    const StopRequest &stop_;
    const Listener &listener_;
    std::uint32_t &starts_;
    const Installation &installation_;
};

Session::Ended Session::start(const Repository &repository, const std::vector<std::string> &arguments,
                              const std::vector<std::string> &variables)
{
    stop_.check();
    const auto location = sealed(repository.location);
    const auto password = sealed_password(repository, installation_.credentials_directory);
    const auto owner = foreign_owner(repository);

    Command command{.arguments = {},
                    .environment = environment(installation_, features_, location.get(), password.get()),
                    .inherited = {location.get(), password.get()}};
    if (!request_.root.empty()) // before setpriv takes CAP_SYS_CHROOT away
        command.arguments = {installation_.chroot, request_.root};
    std::ranges::move(confined(installation_.setpriv, owner), std::back_inserter(command.arguments));
    command.arguments.push_back(installation_.restic);
    if (owner)
        command.arguments.emplace_back("--no-cache"); // the cache is root's
    command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
    command.environment.insert(command.environment.end(), variables.begin(), variables.end());
    if (std::ranges::any_of(request_.job.sources, concerns_tmp)) {
        make_temporary_directory(installation_); // restic packs in there
        command.environment.push_back("TMPDIR=" + installation_.temporary_directory());
    }

    Child child{command};
    ++starts_;
    Ears ears{listener_};
    const auto end = child.wait(
        ears.output(), ears.errors(),
        {.stop = stop_.fd(), .grace = installation_.grace, .give_up = listener_.give_up, .stands_still = listener_.stands_still});
    return {end, ears.finish()};
}

Session::Ended Session::backup()
{
    const auto clock = wall_clock(request_.instant);
    return start(repository_, backup_arguments(request_, clock.time, host_name()), clock.variables);
}

void Session::make_embedded()
{
    const FirstUse first{repository_, stop_};
    if (!first.needed())
        return; // another job has made it meanwhile, or it is there and broken: the backup says which
    const auto made = start(first.scratch(), {"init", "--json"}, {});
    if (made.end.interrupted)
        throw Cancelled{};
    if (!made.end.succeeded())
        throw Failure{"cannot make the repository " + repository_.location + ": " + explain(repository_, made.end, made.words)};
    first.publish();
}

RepositoryResult Session::run()
{
    refuse_read_only(repository_);
    if (repository_.embedded() && !has_key(repository_))
        make_embedded();
    auto ended = backup();
    if (repository_.embedded() && ended.end.status == exit_code::no_repository) {
        make_embedded(); // another job is about to put it in its place, or was killed before it could
        ended = backup();
    }
    return verified(judge(repository_, ended.end, ended.words));
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

RepositoryResult backup(const BackupRequest &request, const Features &features, const StopRequest &stop, const Listener &listener,
                        std::uint32_t &starts, const Installation &installation)
{
    try {
        return Session{request, features, stop, listener, starts, installation}.run();
    } catch (const Cancelled &) {
        return {.repository = request.repository.name,
                .outcome = Outcome::stopped,
                .message = "stopped before restic ran",
                .summary = {}};
    }
}

} // namespace igotchuu::restic
