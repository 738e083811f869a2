// SPDX-License-Identifier: MIT
#include "exec/restic/lock-file.hpp"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <sstream>

namespace igotchuu::restic
{

namespace
{

using nlohmann::json;

/// RFC 3339, as Go writes it.
Clock::time_point time_of(std::string text)
{
    if (text.ends_with('Z'))
        text.replace(text.size() - 1, 1, "+00:00");
    std::istringstream stream{text};
    std::chrono::sys_time<std::chrono::nanoseconds> time;
    stream >> std::chrono::parse("%FT%T%Ez", time);
    return stream ? std::chrono::time_point_cast<Clock::duration>(time) : Clock::time_point::max();
}

} // namespace

std::optional<LockFile> parse_lock(std::string_view text)
try {
    const auto lock = json::parse(text);
    return LockFile{lock.at("hostname").get<std::string>(), lock.at("pid").get<pid_t>(),
                    time_of(lock.at("time").get<std::string>())};
} catch (const json::exception &) {
    return {};
}

bool may_unlock(std::span<const LockFile> locks, std::string_view host, Clock::time_point now,
                const std::function<bool(const LockFile &)> &is_left)
{
    const auto goes = [&](const LockFile &lock) { return lock.time <= now - stale_after || (lock.host == host && is_left(lock)); };
    return std::ranges::any_of(locks, goes) &&
           std::ranges::all_of(locks, [&](const LockFile &lock) { return lock.host != host || goes(lock); });
}

} // namespace igotchuu::restic
