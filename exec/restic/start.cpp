// SPDX-License-Identifier: MIT
#include "exec/restic/start.hpp"

#include "exec/confine.hpp"
#include "exec/lines.hpp"
#include "exec/restic/cause.hpp"
#include "exec/restic/own-processes.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/lies-below.hpp"
#include "job/load.hpp"
#include "job/redact.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <format>
#include <iterator>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

namespace igotchuu::restic
{

std::string explain(const Repository &repository, const Ended &ended)
{
    return explain(repository, ended.lost_server() ? ChildEnd{.status = exit_code::failed} : ended.end, ended.words);
}

/// Hears one start of restic: hands on what the caller wants to know, keeps what the verdict needs.
class Ears
{
public:
    Ears(const Listener &listener, const Verb &verb) : listener_{listener}, verb_{verb} {}

    [[nodiscard]] Child::Sink output()
    {
        return [this](std::string_view bytes) { output_.feed(bytes); };
    }
    [[nodiscard]] Child::Sink errors()
    {
        return [this](std::string_view bytes) { errors_.feed(bytes); };
    }
    void hear_ssh(std::string_view text);
    /// Its ssh has ended long ago. restic 0.18 sometimes waits for it for ever then (tests/system/repositories.sh, "the server dies").
    [[nodiscard]] bool hangs() const { return std::chrono::steady_clock::now() - alone_since_ > std::chrono::seconds{10}; }
    [[nodiscard]] bool out_of_reach() const { return !heard_ && is_out_of_reach(words_.cause()); }
    [[nodiscard]] bool enough() const { return verb_.enough && verb_.enough(words_); }
    [[nodiscard]] bool heard() const noexcept { return heard_; } ///< a message of restic's work has come: the repository is open
    [[nodiscard]] bool is_silent() const noexcept { return !heard_ && !has_line_; }
    Words finish();

private:
    void hear_output(std::string_view line);
    void hear_error(std::string_view line);
    void hear(const FileError &error);
    void show(const Progress &progress);
    void complain(std::string_view text) const { listener_.complaint(printable(redacted(text))); }

    const Listener &listener_;
    const Verb &verb_;
    Words words_;
    bool heard_ = false, has_line_ = false;
    std::chrono::steady_clock::time_point alone_since_ = std::chrono::steady_clock::time_point::max();
    std::chrono::steady_clock::time_point shown_{};
    Lines output_{[this](std::string_view line) { hear_output(line); }};
    Lines errors_{[this](std::string_view line) { hear_error(line); }};
};

void Ears::hear_output(std::string_view line)
{
    if (verb_.line) {
        has_line_ = true;
        return verb_.line(line);
    }
    const auto message = parse(line);
    heard_ |= std::holds_alternative<Progress>(message) || std::holds_alternative<Summary>(message);
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
    if (constexpr std::string_view clear = "\x1b[2K"; line.starts_with(clear)) // as on a terminal, for "signal interrupt received"
        line.remove_prefix(clear.size());
    const auto message = parse(line);
    if (const auto *error = std::get_if<FileError>(&message)) {
        hear(*error);
    } else if (const auto *last = std::get_if<ExitError>(&message)) {
        words_.last(last->message);
    } else if (!line.empty()) {
        if (line.contains(") failed: ssh command exited"))
            alone_since_ = std::min(alone_since_, std::chrono::steady_clock::now());
        words_.line(line);
        complain(line);
    }
}

/// As restic does, where it is not too quick for it.
void Ears::hear_ssh(std::string_view text)
{
    Lines lines{[this](std::string_view line) { // it ends them as for a terminal
        hear_error(std::format("subprocess ssh: {}", line.substr(0, line.find_last_not_of('\r') + 1)));
    }};
    lines.feed(text);
    lines.finish();
}

void Ears::hear(const FileError &error)
{
    if (error.while_scanning)
        return;
    words_.error();
    if (verb_.error)
        verb_.error(error);
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

namespace
{

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

} // namespace

std::optional<Owner> foreign_owner(const Repository &repository)
{
    struct stat info{};
    const auto path = repository.local_path();
    if (path.empty())
        return {};
    if (stat(path.c_str(), &info) < 0 && stat(std::filesystem::path{path}.parent_path().c_str(), &info) < 0)
        return {}; // for restic to say
    if (info.st_uid == geteuid())
        return {};
    return Owner{info.st_uid, info.st_gid};
}

bool is_read_only(const Repository &repository)
{
    const auto path = repository.local_path();
    return !path.empty() && access(path.c_str(), W_OK) < 0 && errno == EROFS;
}

namespace
{

Command command_for(const Starter &starter, const Access &access, const Verb &verb)
{
    starter.stop.check();
    const auto owner = verb.confinement.empty() ? foreign_owner(access.repository()) : std::nullopt;
    Command command{.arguments = {},
                    .environment = access.environment(starter.features),
                    .inherited = access.inherited(),
                    .directory = verb.directory};
    if (!starter.root.empty()) // before setpriv takes CAP_SYS_CHROOT away
        command.arguments = {starter.installation.chroot, starter.root};
    std::ranges::move(verb.confinement.empty() ? confined(starter.installation.setpriv, owner) : verb.confinement,
                      std::back_inserter(command.arguments));
    command.arguments.push_back(starter.installation.restic);
    if (owner)
        command.arguments.emplace_back("--no-cache"); // the cache is root's
    std::ranges::move(access.arguments(), std::back_inserter(command.arguments));
    command.arguments.insert(command.arguments.end(), verb.arguments.begin(), verb.arguments.end());
    command.environment.insert(command.environment.end(), verb.variables.begin(), verb.variables.end());
    command.inherited.insert(command.inherited.end(), verb.inherited.begin(), verb.inherited.end());
    if (std::ranges::any_of(starter.frozen, concerns_tmp)) {
        make_temporary_directory(starter.installation); // restic packs in there
        command.environment.push_back("TMPDIR=" + starter.installation.temporary_directory());
    }
    return command;
}

bool takes_lock(const Verb &verb)
{
    return !std::ranges::contains(verb.arguments, "--no-lock");
}

} // namespace

Running::Running(const Starter &starter, const Access &access, Verb verb)
    : starter_{starter}, access_{access}, verb_{std::move(verb)}, child_{command_for(starter_, access_, verb_)},
      process_{takes_lock(verb_) ? child_.process() : 0}, ears_{std::make_unique<Ears>(starter_.listener, verb_)}
{
    ++starter_.starts;
    if (process_ > 0)
        OwnProcesses{}.started(process_, digest_of_address(access_.repository()), began_);
}

Running::~Running() = default;

Ended Running::wait()
{
    auto &ears = *ears_;
    const auto began = std::chrono::steady_clock::now();
    bool silent = false, unreached = false, hangs = false, enough = false;
    const auto give_up = [&] {
        const auto passed = std::chrono::steady_clock::now() - began;
        silent = ears.is_silent() && passed >= verb_.answers_within;
        unreached = ears.out_of_reach() && passed >= verb_.reaches_within;
        hangs = ears.hangs();
        enough = ears.enough();
        return silent || unreached || hangs || enough || (starter_.listener.give_up && starter_.listener.give_up());
    };
    const auto end = child_.wait(verb_.output ? verb_.output : ears.output(), ears.errors(),
                                 {.stop = starter_.stop.fd(),
                                  .grace = starter_.installation.grace,
                                  .give_up = give_up,
                                  .stands_still = starter_.listener.stands_still});
    if (process_ > 0 && end.succeeded())
        OwnProcesses{}.ended_well(process_);
    else if (process_ > 0)
        OwnProcesses{}.look_around(Clock::now());
    ears.hear_ssh(access_.said_by_ssh());
    return {end, ears.finish(), silent, unreached, hangs, enough};
}

Ended start(const Starter &starter, const Access &access, const Verb &verb)
{
    return Running{starter, access, verb}.wait();
}

} // namespace igotchuu::restic
