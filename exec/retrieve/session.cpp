// SPDX-License-Identifier: MIT
#include "exec/retrieve/session.hpp"

#include "exec/namespace.hpp"
#include "exec/orphan.hpp"
#include "exec/retrieve/callers-environment.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/load.hpp"
#include "job/search-path.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <format>
#include <iostream>
#include <iterator>
#include <ranges>
#include <unistd.h>

namespace igotchuu::retrieve
{

namespace
{

/// Empty: it is not there.
std::string text_of(const json &request, const char *name)
{
    const auto found = request.find(name);
    return found != request.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

/// Of which nothing is known but what the person has said.
Repository unconfigured(const std::string &location)
{
    Repository repository;
    repository.name = location;
    repository.file = "(none)"; // it is not the one that igotchuu may make
    repository.location = location;
    repository.maintained = false;
    return repository;
}

Repository of_job_called(const Job &job, const std::string &name)
{
    const auto found = std::ranges::find(job.repositories, name, &Repository::name);
    if (found != job.repositories.end())
        return *found;
    std::vector<std::string_view> known;
    std::ranges::transform(job.repositories, std::back_inserter(known), [](const auto &one) { return std::string_view{one.name}; });
    const auto near = nearest(name, known);
    throw Failure{std::format("the job {} has no repository \"{}\"{}", printable(job.name), printable(name),
                              near.empty() ? std::string{} : std::format("; did you mean \"{}\"?", printable(near)))};
}

} // namespace

Where where_of(const json &request)
{
    Where where;
    const auto job = text_of(request, "job"), repository = text_of(request, "repository"), location = text_of(request, "location");
    if (!location.empty()) {
        where.repositories.push_back(unconfigured(location));
        where.password.emplace(text_of(request, "password"));
    } else if (job.empty()) {
        where.repositories.push_back(load_repository(SearchPath::standard(), repository_instance_of(repository)));
    }
    if (!job.empty() && location.empty()) {
        where.job = load_job(SearchPath::standard(), job);
        refuse_orphan(*where.job);
        where.repositories = repository.empty() ? where.job->repositories : std::vector{of_job_called(*where.job, repository)};
    }
    return where;
}

const std::vector<restic::Stored> &Place::snapshots()
{
    if (!snapshots_)
        snapshots_ = restic::all_snapshots(starter_, access_, tag_);
    return *snapshots_;
}

Session::Session(const Where &where, Conversation &conversation, const StopRequest &stop)
    : where_{where}, conversation_{conversation}, stop_{stop}, program_{std::format("retrieve:{}", getpid())},
      credentials_{{program_, where.repositories,
                    where.job ? std::span<const UnitSetting>{where.job->service} : std::span<const UnitSetting>{}},
                   stop},
      listener_{[](const Progress &) {}, [](const std::string &line) { std::cerr << line << '\n'; }, [](pid_t, int) {}}
{
    enter_private_namespace();
    for (const auto &repository : where_.repositories)
        try {
            open(repository);
        } catch (const std::exception &error) { // the others may be reached
            trouble(repository.name, error.what());
        }
    services_.emplace();
    devices_.emplace();
}

restic::Installation Session::installed() const
{
    auto installation = restic::Installation::standard();
    installation.credentials_directory = credentials_.directory();
    return installation;
}

void Session::open(const Repository &repository)
{
    auto access = where_.password ? restic::Access{repository, program_, installation_, stop_, *where_.password}
                                  : restic::Access{repository, program_, installation_, stop_};
    if (where_.password)
        access.take_variables(callers_environment());
    places_.emplace_back(repository, starter_, std::move(access), where_.job ? "igotchuu-job=" + where_.job->instance : "");
}

void Session::trouble(const std::string &repository, const std::string &why)
{
    ++troubles_;
    conversation_.say({{"message", "trouble"}, {"repository", repository}, {"why", printable(why)}});
}

void Session::unread(const Place &place, const restic::Unread &what)
{
    trouble(place.name(), what.what());
    ++looked_into_;
}

void Session::each(const std::function<void(Place &)> &look)
{
    for (auto &place : places_)
        try {
            look(place);
            ++looked_into_;
        } catch (const restic::Unread &what) {
            unread(place, what);
        } catch (const std::exception &error) { // the others may be reached
            trouble(place.name(), error.what());
        }
}

Session::Found Session::find(const std::string &id)
{
    std::optional<Found> found;
    bool several = false;
    each([&](Place &place) {
        for (const auto &snapshot : place.snapshots()) {
            if (id != "latest" && !snapshot.id.starts_with(id) && !snapshot.original.starts_with(id))
                continue;
            several |= id != "latest" && found && found->snapshot.id != snapshot.id;
            if (!found || snapshot.time > found->snapshot.time)
                found.emplace(place, snapshot);
        }
    });
    if (several)
        throw Failure{std::format("several snapshots have an id that begins with {}: say more of it", printable(id))};
    if (!found && looked_into_ == 0)
        throw Failure{"no repository could be looked into"};
    if (!found)
        throw Failure{id == "latest" ? std::string{"there is no snapshot yet"}
                                     : std::format("there is no snapshot {} (igotchuu snapshots lists them)", printable(id))};
    return *found;
}

int Session::status() const noexcept
{
    if (ended_)
        return static_cast<int>(*ended_);
    if (troubles_ == 0)
        return static_cast<int>(ExitStatus::success);
    return static_cast<int>(looked_into_ == 0 ? ExitStatus::failed : ExitStatus::partial);
}

} // namespace igotchuu::retrieve
