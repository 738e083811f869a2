// SPDX-License-Identifier: MIT
#include "cli/retrieve/chosen-snapshot.hpp"

#include "cli/job-names.hpp"
#include "cli/retrieve/instant.hpp"

#include <format>

namespace igotchuu
{

void add_snapshot_options(CLI::App &verb, SnapshotChoice &choice)
{
    verb.add_option("--snapshot", choice.snapshot, "this one, by the begin of its id; else the newest")->type_name("ID");
    verb.add_option("--at", choice.at, "the newest of then or before")->type_name("TIME");
}

void add_to(nlohmann::json &request, const SnapshotChoice &choice)
{
    if (!choice.snapshot.empty() && !choice.at.empty())
        throw UsageError{"--snapshot and --at both say which snapshot: leave one of them out"};
    if (!choice.at.empty())
        request["at"] = std::format("{:%FT%TZ}", instant_from(choice.at));
    else if (!choice.snapshot.empty())
        request["snapshot"] = choice.snapshot;
}

} // namespace igotchuu
