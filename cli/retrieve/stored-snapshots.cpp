// SPDX-License-Identifier: MIT
#include "cli/retrieve/stored-snapshots.hpp"

#include "job/error.hpp"

#include <format>
#include <set>

namespace igotchuu
{

void StoredSnapshots::add(const nlohmann::json &message)
{
    auto snapshot = stored_snapshot(message);
    of_[snapshot.repository].push_back(std::move(snapshot));
}

std::vector<StoredSnapshot> StoredSnapshots::in(const nlohmann::json &message) const
try {
    const auto &all = of_.at(message.at("repository").get<std::string>());
    std::vector<StoredSnapshot> some;
    for (const auto &span : message.at("in"))
        for (auto number = span.at(0).get<std::size_t>(); number <= span.at(1).get<std::size_t>(); ++number)
            some.push_back(all.at(number));
    if (some.empty())
        throw std::out_of_range{"no snapshot"};
    return some;
} catch (const nlohmann::json::exception &error) {
    throw Failure{std::format("cannot understand igotchuu-exec: {} (it is of another version)", error.what())};
} catch (const std::out_of_range &) {
    throw Failure{"cannot understand igotchuu-exec: it speaks of a snapshot that there is not"};
}

std::size_t StoredSnapshots::size() const
{
    std::size_t size = 0;
    for (const auto &[repository, snapshots] : of_)
        size += snapshots.size();
    return size;
}

nlohmann::json json_of(std::span<const StoredSnapshot> snapshots)
{
    auto list = nlohmann::json::array();
    for (const auto &one : snapshots)
        list.push_back({{"repository", one.repository}, {"id", one.id}, {"time", std::format("{:%FT%TZ}", one.time)}});
    return list;
}

std::size_t count_instants(std::span<const StoredSnapshot> snapshots)
{
    std::set<Clock::time_point> instants;
    for (const auto &one : snapshots)
        instants.insert(one.time);
    return instants.size();
}

} // namespace igotchuu
