// SPDX-License-Identifier: MIT
#pragma once

#include "exec/credentials.hpp"
#include "exec/few-devices.hpp"
#include "exec/out-of-reach.hpp"
#include "exec/restic/access.hpp"
#include "exec/restic/features.hpp"
#include "exec/restic/look.hpp"
#include "exec/restic/snapshots.hpp"
#include "exec/restic/start.hpp"
#include "exec/retrieve/callers-namespace.hpp"
#include "exec/retrieve/conversation.hpp"
#include "exec/stop.hpp"
#include "job/exit-status.hpp"
#include "job/job.hpp"

#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <vector>

namespace igotchuu::retrieve
{

/// Which repositories a person means, and which of their snapshots: those of a job, of one by its name, or of one of which nothing is configured here.
struct Where {
    std::optional<Job> job{};
    std::vector<Repository> repositories{};
    std::optional<restic::Confidential> password{}; ///< of what is not configured here
};

/// What the members job, repository, location and password of a request name. Throws Failure, with the nearest name, and ConfigError.
[[nodiscard]] Where where_of(const json &request);

/// One of them that is open.
class Place
{
public:
    Place(const Repository &repository, const restic::Starter &starter, restic::Access access, std::string tag)
        : repository_{repository}, starter_{starter}, access_{std::move(access)}, tag_{std::move(tag)}
    {
    }
    [[nodiscard]] const std::string &name() const noexcept { return repository_.name; }
    [[nodiscard]] const Repository &repository() const noexcept { return repository_; }
    [[nodiscard]] const restic::Starter &starter() const noexcept { return starter_; }
    [[nodiscard]] const restic::Access &access() const noexcept { return access_; }
    [[nodiscard]] const std::string &tag() const noexcept { return tag_; } ///< that its snapshots have; empty: any
    /// Of the job, whichever machine made them; all, where there is no job. The newest first; asked once. Throws restic::Unreached, Failure and Cancelled.
    [[nodiscard]] const std::vector<restic::Stored> &snapshots();

private:
    const Repository &repository_;
    const restic::Starter &starter_;
    restic::Access access_;
    std::string tag_;
    std::optional<std::vector<restic::Stored>> snapshots_;
};

/// Repositories that are open for a person who looks into them: in a mount namespace of its own, in which restic reaches no disk and no service of the system.
class Session
{
public:
    /// Gathers their secrets first. One that cannot be opened is told of (trouble), and keeps nobody from the others. Throws std::system_error, Failure, Cancelled.
    Session(const Where &where, Conversation &conversation, const StopRequest &stop);
    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;

    [[nodiscard]] Conversation &conversation() noexcept { return conversation_; }
    [[nodiscard]] const StopRequest &stop() const noexcept { return stop_; }
    [[nodiscard]] const std::optional<Job> &job() const noexcept { return where_.job; }
    /// The one that there is; nullptr: there are others, or it cannot be opened.
    [[nodiscard]] Place *only_place() noexcept
    {
        return where_.repositories.size() == 1 && !places_.empty() ? &places_.front() : nullptr;
    }
    [[nodiscard]] const CallersNamespace &caller() const noexcept { return caller_; }
    /// Each that is open; what goes wrong with one is told, and keeps nobody from the others.
    void each(const std::function<void(Place &)> &look);
    /// Tells that some of a place could not be read; what could be counts.
    void unread(const Place &place, const restic::Unread &what);
    /// The one with the snapshot whose id begins so, or "latest"; its newest, of all places, where there are several of that. Throws Failure where there is none, or where a
    /// short id begins several.
    struct Found {
        Place &place;
        restic::Stored snapshot;
    };
    [[nodiscard]] Found find(const std::string &id);
    /// What a verb has come to that needs no more than one place: then it does not count what could not be looked into.
    void ends_with(ExitStatus status) noexcept { ended_ = status; }
    /// That; else success; partial: something could not be looked into; failed: nothing could.
    [[nodiscard]] int status() const noexcept;

private:
    void trouble(const std::string &repository, const std::string &why);
    [[nodiscard]] restic::Installation installed() const;
    void open(const Repository &repository);

    const Where &where_;
    Conversation &conversation_;
    const StopRequest &stop_;
    CallersNamespace caller_;
    std::string program_; ///< what tells its secrets apart from those of a run at the same time
    Credentials credentials_;
    restic::Installation installation_ = installed();
    restic::Features features_ = restic::features(stop_, installation_);
    restic::Listener listener_;
    std::uint32_t starts_ = 0;
    restic::Starter starter_{installation_, features_, stop_, listener_, starts_};
    std::list<Place> places_;
    std::size_t troubles_ = 0, looked_into_ = 0;
    std::optional<ExitStatus> ended_;
    std::optional<OutOfReach> services_;
    std::optional<FewDevices> devices_;
};

} // namespace igotchuu::retrieve
