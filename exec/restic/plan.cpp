// SPDX-License-Identifier: MIT
#include "exec/restic/plan.hpp"

#include "exec/restic/snapshot-json.hpp"
#include "job/error.hpp"

#include <algorithm>
#include <array>
#include <format>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace igotchuu::restic
{

namespace
{

using nlohmann::json;

constexpr std::array<std::string_view, 10> names{"keep", "remove",   "reasons", "snapshot", "matches",
                                                 "time", "hostname", "tags",    "id",       "original"};
constexpr int deepest = 6; // groups, group, reasons, reason, snapshot, tags, tag

/// Reads the one group that there may be.
class Reader
{
public:
    Reader(const json &group, std::span<const std::string> tags) : tags_{tags}
    {
        for (const auto &reason : list(group, "reasons"))
            reasons_[id_of(member(reason, "snapshot"))] = texts(reason, "matches");
        plan_.keep = snapshots(list(group, "keep"));
        plan_.remove = snapshots(list(group, "remove"));
    }
    [[nodiscard]] Plan plan() && { return std::move(plan_); }

private:
    std::vector<PlannedSnapshot> snapshots(const json &from)
    {
        std::vector<PlannedSnapshot> all;
        for (const auto &snapshot : from) {
            auto id = id_of(snapshot);
            if (!seen_.insert(id).second)
                throw NotUnderstood{std::format("the snapshot {} is in it twice", id.substr(0, 8))};
            const auto tags = texts(snapshot, "tags");
            for (const auto &tag : tags_)
                if (!std::ranges::contains(tags, tag))
                    throw NotUnderstood{std::format("the snapshot {} is not the job's: it has no tag {}", id.substr(0, 8), tag)};
            all.push_back({id, time_of(snapshot), text(snapshot, "hostname"), reasons_[id], original_of(snapshot)});
        }
        return all;
    }

    std::span<const std::string> tags_;
    std::map<std::string, std::vector<std::string>> reasons_;
    std::set<std::string> seen_;
    Plan plan_;
};

} // namespace

Plan parse_plan(std::string_view text, std::span<const std::string> tags)
try {
    if (text.find_first_not_of(" \t\r\n") == text.npos)
        return {};
    Sieve sieve{names, deepest};
    const auto groups = json::parse(text, std::ref(sieve), false);
    if (sieve.overflown())
        throw NotUnderstood{"it is too long"};
    if (!groups.is_array())
        throw NotUnderstood{"it is no list"};
    if (groups.size() > 1)
        throw NotUnderstood{"it has several groups"};
    return groups.empty() ? Plan{} : Reader{groups.front(), tags}.plan();
} catch (const NotUnderstood &what) {
    throw Failure{std::format("what restic plans to forget cannot be understood ({}), so nothing is forgotten", what.what())};
}

} // namespace igotchuu::restic
