// SPDX-License-Identifier: MIT
#include "exec/show-plan.hpp"

#include "exec/restic/unkept.hpp"
#include "job/amount.hpp"
#include "job/diagnostic.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <format>
#include <vector>

namespace igotchuu
{

namespace
{

using json = nlohmann::ordered_json;

std::string reasons_of(const restic::PlannedSnapshot &snapshot)
{
    std::string text;
    for (const auto &reason : snapshot.reasons)
        text += (text.empty() ? "" : ", ") + printable(reason);
    return text;
}

std::string line_of(const restic::PlannedSnapshot &snapshot, const std::string &fate)
{
    return std::format("  {}  {:%F %R} UTC  {}  {}\n", snapshot.id.substr(0, 8),
                       std::chrono::floor<std::chrono::minutes>(snapshot.time), printable(snapshot.host), fate);
}

json object_of(const restic::PlannedSnapshot &snapshot, const std::string &why)
{
    return {{"id", snapshot.id},
            {"time_usec", std::chrono::duration_cast<std::chrono::microseconds>(snapshot.time.time_since_epoch()).count()},
            {"host", printable(snapshot.host)},
            {"why", why}};
}

} // namespace

std::string text_of(const Job &job, const std::string &repository, const restic::Plan &plan, const Verdict &verdict, ByHand what)
{
    auto text = std::format("{}: {}, {} to remove\n", printable(repository),
                            counted(plan.keep.size() + plan.remove.size(), "snapshot", "snapshots"), plan.remove.size());
    if (what == ByHand::explain)
        for (const auto &snapshot : plan.keep)
            text += line_of(snapshot, "stays: " + reasons_of(snapshot));
    for (const auto &snapshot : plan.remove)
        text += line_of(snapshot, "goes: " + restic::why_unkept(snapshot, plan, job.keep));
    if (verdict.hold != Hold::none)
        text += std::format("held: {}\n", verdict.why);
    if (can_be_confirmed(verdict.hold) && what != ByHand::confirm)
        text += std::format("to have them removed all the same: igotchuu retention --confirm {}\n", printable(job.name));
    return text;
}

json json_of(const Job &job, const std::string &repository, const restic::Plan &plan, const Verdict &verdict)
{
    auto stay = json::array(), go = json::array();
    for (const auto &snapshot : plan.keep)
        stay.push_back(object_of(snapshot, reasons_of(snapshot)));
    for (const auto &snapshot : plan.remove)
        go.push_back(object_of(snapshot, restic::why_unkept(snapshot, plan, job.keep)));
    return {{"repository", printable(repository)},
            {"stay", std::move(stay)},
            {"go", std::move(go)},
            {"hold", to_string(verdict.hold)},
            {"why", printable(verdict.why)}};
}

json json_of_none(const std::string &repository, const std::string &why)
{
    return {{"repository", printable(repository)},
            {"stay", json::array()},
            {"go", json::array()},
            {"hold", nullptr},
            {"why", printable(why)}};
}

} // namespace igotchuu
