// SPDX-License-Identifier: MIT
#include "exec/snapshot/command.hpp"

#include "exec/admin-program.hpp"
#include "exec/mount-tree.hpp"
#include "exec/open-beneath.hpp"
#include "exec/programs.hpp"
#include "exec/snapshot/prepare-mark.hpp"
#include "exec/snapshot/prepared.hpp"
#include "exec/sources.hpp"
#include "exec/stop.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/lies-below.hpp"
#include "job/mount-table.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <format>
#include <iostream>

namespace igotchuu::command
{
namespace
{

namespace fs = std::filesystem;

AdminProgram program_of(const Mark &mark, std::string what, std::vector<std::string> arguments)
{
    std::string sources;
    for (const auto &source : mark.sources)
        sources += (sources.empty() ? "" : "\n") + source;
    return {
        .what = std::move(what),
        .instance = mark.run.instance,
        .arguments = std::move(arguments),
        .user = mark.user,
        .user_key = "prepare-user",
        .time_key = "prepare-timeout",
        .environment = {"IGOTCHUU_JOB=" + mark.run.instance, "IGOTCHUU_INVOCATION=" + mark.run.run, "IGOTCHUU_SOURCES=" + sources},
        .at_most = mark.at_most};
}

void clean_up(const Mark &mark)
{
    end(program_of(mark, "prepare", mark.prepare)); // of a run that was killed, or a unit that stays active
    if (!mark.cleanup.empty()) {
        const auto cleanup = program_of(mark, "cleanup", mark.cleanup);
        end(cleanup);
        static_cast<void>(run(cleanup, nullptr));
    }
    remove(mark.run);
}

[[noreturn]] void refuse(const std::string &directory, const std::string &source, std::string_view why)
{
    throw Failure{std::format("prepare made {} for {}, which {}", printable(directory), printable(source), why)};
}

/// The tree that prepare has made for `source`.
Fd open_prepared(const std::string &directory, const std::string &source)
{
    Fd root = open_without_links(directory, O_PATH);
    const int error = errno;
    struct stat status{};
    if (!root && error == ELOOP)
        refuse(directory, source, "leads through a symbolic link: name the real path");
    if (!root && error == ENOENT && (lies_below(directory, "/tmp") || lies_below(directory, "/var/tmp")))
        refuse(directory, source, "is not there for the backup, which has a /tmp of its own: make it elsewhere");
    if (!root)
        refuse(directory, source, error == ENOENT ? "is not there" : std::generic_category().message(error));
    if (fstat(root.get(), &status) < 0)
        fail(errno, "cannot look at {}", printable(directory));
    if (!S_ISDIR(status.st_mode))
        refuse(directory, source, "is not a directory");
    return root;
}

struct stat status_of(const Fd &file, const std::string &path)
{
    struct stat status{};
    if (fstat(file.get(), &status) < 0)
        fail(errno, "cannot look at {}", printable(path));
    return status;
}

bool same(const struct stat &a, const struct stat &b)
{
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool is_empty(const Fd &directory)
{
    return fs::is_empty(std::format("/proc/self/fd/{}", directory.get()));
}

/// What would be backed up there is not frozen, or is written to meanwhile.
void refuse_live(const Fd &root, const std::string &directory, const std::string &source, const Job &job)
{
    for (const auto &other : job.sources) {
        const Fd live = open_without_links(other, O_PATH | O_DIRECTORY);
        if (lies_below(other, directory) || (live && same(status_of(live, other), status_of(root, directory))))
            refuse(directory, source,
                   std::format("is or holds the source {} itself: nothing is frozen there (without a copy use snapshot = \"none\")",
                               printable(other)));
    }
    for (const auto &written : written_to(job, "/var/cache/igotchuu"))
        if (lies_below(directory, written) || lies_below(written, directory))
            refuse(directory, source, std::format("is or holds {}, where this backup is written to", printable(written)));
    if (is_empty(root) && !is_empty(open_without_links(source, O_RDONLY | O_DIRECTORY)))
        refuse(directory, source, "is empty, while the source is not: is it mounted?");
}

/// What was given to us as /var/lib/igotchuu and the like could be another directory in the unit: its /tmp, what is mounted over its /run. So the host is
/// asked, too.
void refuse_other_than_the_hosts(const Mark &mark, std::span<const std::string> directories, std::span<const Tree> trees,
                                 const StopRequest &stop)
{
    auto look = program_of(mark, "look", {programs::stat, "--format=%d:%i", "--"});
    look.arguments.insert(look.arguments.end(), directories.begin(), directories.end());
    look.user = "root";
    std::string seen;
    for (const auto &tree : trees) {
        const auto status = status_of(tree.root, tree.source);
        seen += std::format("{}:{}\n", status.st_dev, status.st_ino);
    }
    if (run(look, &stop) != seen)
        throw Failure{"what prepare made is another directory in the namespace of the backup than on the host: make it outside of "
                      "/tmp, /var/tmp and what the unit hides"};
}

class Prepared final : public Frozen
{
public:
    /// From here on cleanup will be run.
    explicit Prepared(Mark mark) : mark_{std::move(mark)} { write(mark_); }
    Prepared(const Prepared &) = delete;
    Prepared &operator=(const Prepared &) = delete;

    ~Prepared() override
    {
        try {
            if (!over_)
                remove();
        } catch (const std::exception &error) {
            std::cerr << error.what() << '\n';
        } catch (const Cancelled &) { // nobody is asked
        }
    }

    void prepare(const Request &request)
    {
        census_.started = std::chrono::steady_clock::now();
        const auto printed = run(program_of(mark_, "prepare", mark_.prepare), &request.stop);
        census_.ended = std::chrono::steady_clock::now();
        census_.instant = std::chrono::system_clock::now();
        census_.snapshots = static_cast<std::uint32_t>(request.sources.size());
        census_.file_systems = census_.instants = 1;
        directories_ = request.job.prepared.empty() ? parse_prepared(printed, request.sources) : named_by(request);
        for (std::size_t i = 0; i < directories_.size(); ++i) {
            trees_.push_back({request.sources[i], "", open_prepared(directories_[i], request.sources[i])});
            refuse_live(trees_.back().root, directories_[i], request.sources[i], request.job);
        }
        refuse_other_than_the_hosts(mark_, directories_, trees_, request.stop);
        look_below();
    }

    [[nodiscard]] std::string short_of_space() const override { return {}; }

    /// A mount that came after the unit was started is as writable as it is on the host.
    void hide() override
    {
        for (std::size_t i = 0; i < trees_.size(); ++i) {
            Fd cover = new_directory_mount(0, 0, directories_[i]);
            restrict_mount(cover, Programs::forbidden, directories_[i]);
            attach(cover, trees_[i].root, directories_[i]);
            covers_.emplace_back(std::move(cover));
        }
    }

    void remove() override
    {
        over_ = true;
        covers_.clear(); // what holds a mount here keeps the host from unmounting it
        trees_.clear();
        clean_up(mark_);
    }

private:
    /// The key `prepared` is in the order of the job's sources; one of them may not be there today.
    static std::vector<std::string> named_by(const Request &request)
    {
        std::vector<std::string> directories;
        auto next = request.job.prepared.begin();
        for (const auto &source : request.job.sources) {
            if (std::ranges::contains(request.job.live, source) || next == request.job.prepared.end())
                continue;
            if (std::ranges::contains(request.sources, source))
                directories.push_back(*next);
            ++next;
        }
        return directories;
    }

    void look_below()
    {
        const MountTable mounts;
        for (std::size_t i = 0; i < trees_.size(); ++i)
            for (const auto &other : mounts.others_below(directories_[i], place_of(trees_[i].root, directories_[i]).mount_id))
                census_.other_file_systems.push_back(
                    (fs::path{trees_[i].source} / fs::path{other.target}.lexically_relative(directories_[i])).native());
    }

    Mark mark_;
    std::vector<std::string> directories_; ///< one a tree
    std::vector<AttachedMount> covers_;
    bool over_ = false;
};

std::string sees(const Fd &, const std::string &, const Mount &)
{
    return "prepared by a program of the job";
}

/// Before there is a mark: what cannot even begin has nothing to clean up, and could not.
void refuse_unknown_user(const Job &job)
{
    const bool number = job.prepare_user.find_first_not_of("0123456789") == std::string::npos;
    if (!number && getpwnam(job.prepare_user.c_str()) == nullptr)
        throw Failure{
            std::format("prepare cannot be run as \"{}\": there is no such user (the key prepare-user)", job.prepare_user)};
}

std::unique_ptr<Frozen> freeze(const Request &request)
{
    refuse_unknown_user(request.job);
    for (const auto &source : request.sources)
        if (printable(source) != source)
            throw Failure{std::format("the source {} cannot be told to prepare: its name is no plain text", printable(source))};
    const Job &job = request.job;
    auto prepared = std::make_unique<Prepared>(Mark{.run = parse_run(request.run).value(),
                                                    .sources = {request.sources.begin(), request.sources.end()},
                                                    .prepare = job.prepare,
                                                    .cleanup = job.cleanup,
                                                    .user = job.prepare_user,
                                                    .at_most = job.prepare_timeout});
    try {
        prepared->prepare(request);
    } catch (const std::exception &error) {
        try {
            prepared->remove();
        } catch (const std::exception &stays) {
            throw Failure{std::format("{}; {}", error.what(), stays.what())};
        }
        throw;
    } catch (const Cancelled &) {
        prepared->remove();
        throw;
    }
    return prepared;
}

Reaped reap(std::span<const std::string>, const std::string &, const IsOver &is_over)
{
    Reaped reaped;
    for (const auto &name : names_of_marks()) {
        const auto mark = parse_mark_name(name);
        if (!mark) {
            reaped.foreign.push_back("/var/lib/igotchuu/prepared/" + name);
            continue;
        }
        if (!is_over(mark->run))
            continue;
        try {
            mark->whole ? clean_up(read(mark->run)) : remove_unfinished(mark->run);
            reaped.removed.push_back(mark->run);
        } catch (const std::exception &error) {
            reaped.stuck.push_back(
                std::format("what the run {} of {} has prepared is still there: {} (once it is cleaned up by hand, remove {})",
                            mark->run.run, mark->run.instance, error.what(), path_of(mark->run)));
        }
    }
    return reaped;
}

} // namespace

const Method method{.name = "command", .sees = sees, .freeze = freeze, .reap = reap};

} // namespace igotchuu::command
