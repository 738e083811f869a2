// SPDX-License-Identifier: MIT
#include "cli/retrieve/file-versions.hpp"

#include "job/error.hpp"

#include <algorithm>
#include <format>
#include <iterator>

namespace igotchuu
{

namespace
{

bool share_repository(const FileVersion &a, const FileVersion &b)
{
    return std::ranges::any_of(a.snapshots, [&](const auto &snapshot) {
        return std::ranges::contains(b.snapshots, snapshot.repository, &StoredSnapshot::repository);
    });
}

bool share_instant(const FileVersion &a, const FileVersion &b)
{
    return std::ranges::any_of(a.snapshots, [&](const auto &snapshot) {
        return std::ranges::contains(b.snapshots, snapshot.time, &StoredSnapshot::time);
    });
}

bool may_be_one(const FileVersion &a, const FileVersion &b)
{
    return a.file.type == b.file.type && a.file.size == b.file.size && a.file.target == b.file.target && !share_repository(a, b) &&
           std::ranges::any_of(a.modified, [&](const auto &time) { return std::ranges::contains(b.modified, time); });
}

void merge(FileVersion &into, const FileVersion &other)
{
    if (other.snapshots.front().time > into.snapshots.front().time)
        into.file = other.file;
    for (const auto &time : other.modified)
        if (!std::ranges::contains(into.modified, time))
            into.modified.push_back(time);
    std::ranges::copy(other.snapshots, std::back_inserter(into.snapshots));
    std::ranges::stable_sort(into.snapshots, std::ranges::greater{}, &StoredSnapshot::time);
}

} // namespace

FileVersion file_version(const nlohmann::json &message, const StoredSnapshots &snapshots)
try {
    return {.file = stored_file(message),
            .modified = message.at("times").get<std::vector<std::string>>(),
            .snapshots = snapshots.in(message)};
} catch (const nlohmann::json::exception &error) {
    throw Failure{std::format("cannot understand igotchuu-exec: {} (it is of another version)", error.what())};
}

std::vector<FileVersion> versions_of(const std::vector<FileVersion> &states)
{
    std::vector<FileVersion> versions;
    for (const auto &state : states) {
        const auto is_same = [&](const FileVersion &one) { return may_be_one(one, state); };
        auto known = std::ranges::find_if(versions, [&](const auto &one) { return is_same(one) && share_instant(one, state); });
        if (known == versions.end())
            known = std::ranges::find_if(versions, is_same);
        if (known == versions.end())
            versions.push_back(state);
        else
            merge(*known, state);
    }
    std::ranges::stable_sort(versions, std::ranges::greater{}, [](const auto &one) { return one.snapshots.front().time; });
    return versions;
}

} // namespace igotchuu
