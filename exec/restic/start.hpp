// SPDX-License-Identifier: MIT
#pragma once

#include "exec/child.hpp"
#include "exec/confine.hpp"
#include "exec/restic/access.hpp"
#include "exec/restic/message.hpp"
#include "exec/restic/run.hpp"
#include "exec/restic/verdict.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu::restic
{

/// What all starts of restic in a run have in common.
struct Starter {
    const Installation &installation;
    const Features &features;
    const StopRequest &stop;
    const Listener &listener;
    std::uint32_t &starts; ///< counted up for each
    std::string root{}; ///< restic's "/"; empty: ours
    std::vector<std::string> frozen{}; ///< sources that are seen as they were

    /// The same, heard by another, who has to outlive it.
    [[nodiscard]] Starter heard_by(const Listener &other) const
    {
        return {installation, features, stop, other, starts, root, frozen};
    }
};

/// "backup", "forget" and what follows it.
struct Verb {
    std::vector<std::string> arguments;
    std::vector<std::string> variables{}; ///< "NAME=value", beside those that all starts have
    std::vector<int> inherited{}; ///< descriptors that the arguments name, as /proc/self/fd/N
    std::string directory = "/"; ///< that it starts in
    std::vector<std::string> confinement{}; ///< the start of its argument list, where it does more than read (confine.hpp)
    Child::Sink output{}; ///< takes all that it prints; without one it is heard line by line
    std::function<void(std::string_view line)> line{}; ///< hears those lines instead of the listener, where they are no JSON
    /// Its first message, or line, comes by then, or restic is asked to end.
    std::chrono::nanoseconds answers_within = std::chrono::nanoseconds::max();
    /// The same where it has said that the server is out of reach, and would go on trying.
    std::chrono::nanoseconds reaches_within = std::chrono::nanoseconds::max();
    /// The same as soon as this says that what it has said is enough.
    std::function<bool(const Words &words)> enough{};
    std::function<void(const FileError &error)> error{}; ///< hears what it says of single files, beside the listener
};

/// How it ended, and what it said.
struct Ended {
    ChildEnd end;
    Words words;
    bool silent = false; ///< it was asked to end since no message had come
    bool unreached = false; ///< or since it had not got to the server
    bool hangs = false; ///< or since its ssh had ended long before
    bool enough = false; ///< or since it had said enough

    /// Of why it was asked to end then, restic has no word.
    [[nodiscard]] bool lost_server() const noexcept { return unreached || hangs; }
    /// It was asked to end for none of that: somebody has asked us to stop.
    [[nodiscard]] bool was_stopped() const noexcept { return end.interrupted && !silent && !lost_server() && !enough; }
};

/// explain() (verdict.hpp), also of one that was asked to end since it had lost its server.
[[nodiscard]] std::string explain(const Repository &repository, const Ended &ended);

/// Whom restic runs as, where that is not root: without CAP_DAC_OVERRIDE only the owner of a local repository can lock it, or make it where it is to be.
[[nodiscard]] std::optional<Owner> foreign_owner(const Repository &repository);

/// Whether it is here, on a file system that is read-only: restic would try to lock it for a quarter of an hour.
[[nodiscard]] bool is_read_only(const Repository &repository);

class Ears;

/// A restic that works, confined (confine.hpp) so that it can only read unless the verb says otherwise. It goes on while nobody hears it, until its pipes are full.
class Running
{
public:
    /// What `starter` refers to, and `access`, have to be there until the end. Throws Cancelled when asked to stop before, and std::system_error when it cannot be started.
    Running(const Starter &starter, const Access &access, Verb verb);
    ~Running(); ///< one that was not heard to its end is asked to end, as Child's
    Running(const Running &) = delete;
    Running &operator=(const Running &) = delete;

    /// Hears it to its end: SIGINT once when asked to stop, SIGKILL after the grace; at most once.
    [[nodiscard]] Ended wait();

private:
    const Starter starter_;
    const Access &access_;
    const Verb verb_;
    const Clock::time_point began_ = Clock::now();
    Child child_;
    const pid_t process_; ///< of one that may leave a lock; else 0
    std::unique_ptr<Ears> ears_;
};

/// From its start to its end. Throws as they do.
[[nodiscard]] Ended start(const Starter &starter, const Access &access, const Verb &verb);

} // namespace igotchuu::restic
