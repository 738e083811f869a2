// SPDX-License-Identifier: MIT
#include "cli/retrieve/stored.hpp"

#include "job/amount.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"

#include <algorithm>
#include <format>
#include <sstream>

namespace igotchuu
{

namespace
{

std::string job_in(const std::vector<std::string> &tags)
{
    constexpr std::string_view key = "igotchuu-job=";
    const auto found = std::ranges::find_if(tags, [&](const auto &tag) { return tag.starts_with(key); });
    return found == tags.end() ? std::string{} : found->substr(key.size());
}

} // namespace

Clock::time_point time_from(const std::string &text)
{
    std::istringstream stream{text};
    std::chrono::sys_time<std::chrono::nanoseconds> time;
    if (!(stream >> std::chrono::parse("%FT%T%Ez", time)) &&
        !(stream.clear(), stream.str(text), stream >> std::chrono::parse("%FT%TZ", time)))
        throw Failure{std::format("\"{}\" is no time", printable(text, 100))};
    return std::chrono::time_point_cast<Clock::duration>(time);
}

std::string snapshot_text(const StoredSnapshot &snapshot, std::string_view here)
{
    const auto text = std::format("{} of {}", snapshot.id.substr(0, 8), time_text(snapshot.time));
    return snapshot.host == here ? text : std::format("{} on {}", text, printable(snapshot.host));
}

bool are_from_elsewhere(std::span<const StoredSnapshot> snapshots, std::string_view here)
{
    return std::ranges::any_of(snapshots, [&](const StoredSnapshot &one) { return one.host != here; });
}

StoredSnapshot stored_snapshot(const nlohmann::json &message)
try {
    const auto tags = message.at("tags").get<std::vector<std::string>>();
    return {.repository = message.at("repository").get<std::string>(),
            .id = message.at("id").get<std::string>(),
            .host = message.at("host").get<std::string>(),
            .job = job_in(tags),
            .time = time_from(message.at("time").get<std::string>()),
            .paths = message.at("paths").get<std::vector<std::string>>(),
            .files = message.at("files").get<std::uint64_t>(),
            .bytes = message.at("bytes").get<std::uint64_t>()};
} catch (const nlohmann::json::exception &error) {
    throw Failure{std::format("cannot understand igotchuu-exec: {} (it is of another version)", error.what())};
}

} // namespace igotchuu
