// SPDX-License-Identifier: MIT
#include "cli/json-time.hpp"
#include "cli/repository/standing.hpp"

#include "job/diagnostic.hpp"
#include "job/redact.hpp"

#include <nlohmann/json.hpp>

namespace igotchuu
{

namespace
{

using json = nlohmann::ordered_json;

json text_or_null(const std::string &text)
{
    return text.empty() ? json() : json(printable(text));
}

json secret_to_json(const Secret &secret)
{
    if (!secret.command.empty())
        return {{"from", "command"}, {"where", printable(secret.command.front())}};
    return {{"from", secret.credential.empty() ? "file" : "credential"},
            {"where", printable(secret.credential.empty() ? secret.file : secret.credential)}};
}

json recovery_key(const RepositoryStanding &standing)
{
    if (!standing.record || !standing.record->recovery_key)
        return {};
    const auto &key = *standing.record->recovery_key;
    return {{"id", key.id}, {"made_usec", usec(key.made)}, {"confirmed_usec", key.confirmed ? json(usec(*key.confirmed)) : json()}};
}

json last_maintenance(const RepositoryStanding &standing)
{
    if (!standing.record || standing.record->history.empty())
        return {};
    const auto &run = standing.record->history.front();
    return {{"outcome", to_string(run.outcome)},
            {"started_usec", usec(run.started)},
            {"ended_usec", usec(run.ended)},
            {"invocation_id", run.invocation_id},
            {"message", printable(run.message)}};
}

json held(const RepositoryStanding &standing)
{
    json all = json::array();
    for (const auto &[job, retention] : standing.held)
        all.push_back({{"job", printable(job)},
                       {"hold", to_string(retention.hold)},
                       {"planned", retention.planned},
                       {"why", printable(retention.why)}});
    return all;
}

json awaited(const RepositoryStanding &standing)
{
    json all = json::array();
    for (const auto &[job, instant, wanting] : standing.awaited)
        all.push_back({{"job", printable(job)},
                       {"instant_usec", usec(instant.instant)},
                       {"run", instant.run},
                       {"absent_since_usec", usec(wanting.since)},
                       {"disproved_usec", time_or_null(wanting.disproved)},
                       {"why", printable(wanting.why)}});
    return all;
}

json repository_to_json(const RepositoryStanding &standing)
{
    const auto &repository = standing.repository;
    json unseen = json::array();
    for (const auto &sentence : standing.unseen)
        unseen.push_back(printable(sentence));
    return {{"name", printable(repository.name)},
            {"file", text_or_null(repository.file)},
            {"location", text_or_null(redacted_location(repository.location))},
            {"password", secret_to_json(repository.password)},
            {"recovery_key", recovery_key(standing)},
            {"maintained", repository.maintained},
            {"last_maintenance", last_maintenance(standing)},
            {"damaged", standing.record && standing.record->damaged},
            {"held", held(standing)},
            {"awaited", awaited(standing)},
            {"unseen", std::move(unseen)}};
}

} // namespace

std::string to_json(const std::vector<RepositoryStanding> &repositories)
{
    json all = json::array();
    for (const auto &standing : repositories)
        all.push_back(repository_to_json(standing));
    return json{{"schema", 1}, {"repositories", std::move(all)}}.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace igotchuu
