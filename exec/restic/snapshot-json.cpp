// SPDX-License-Identifier: MIT
#include "exec/restic/snapshot-json.hpp"

#include "job/diagnostic.hpp"

#include <algorithm>
#include <format>
#include <sstream>

namespace igotchuu::restic
{

using nlohmann::json;

bool Sieve::operator()(int depth, json::parse_event_t event, const json &parsed)
{
    if (depth > deepest_ || ++seen_ > most)
        return false;
    return event != json::parse_event_t::key || std::ranges::contains(names_, parsed.get_ref<const std::string &>());
}

const json &member(const json &object, const char *name)
{
    static const json nothing;
    if (!object.is_object())
        throw NotUnderstood{"no object"};
    const auto found = object.find(name);
    return found == object.end() ? nothing : *found;
}

const json &list(const json &object, const char *name)
{
    const auto &value = member(object, name);
    if (!value.is_null() && !value.is_array())
        throw NotUnderstood{std::format("{} is no list", name)};
    return value;
}

std::string text(const json &object, const char *name)
{
    const auto &value = member(object, name);
    if (!value.is_string())
        throw NotUnderstood{std::format("{} is no text", name)};
    return value.get<std::string>();
}

std::vector<std::string> texts(const json &object, const char *name)
{
    std::vector<std::string> all;
    for (const auto &value : list(object, name)) {
        if (!value.is_string())
            throw NotUnderstood{std::format("{} has something else than texts in it", name)};
        all.push_back(value.get<std::string>());
    }
    return all;
}

std::string id_of(const json &snapshot)
{
    auto id = text(snapshot, "id");
    if (id.size() != 64 || id.find_first_not_of("0123456789abcdef") != id.npos)
        throw NotUnderstood{std::format("\"{}\" is no snapshot's id", printable(id, 100))};
    return id;
}

std::string original_of(const json &snapshot)
{
    return snapshot.contains("original") ? text(snapshot, "original") : std::string{};
}

/// RFC 3339. Of other years 64 bits could not hold the nanoseconds.
std::chrono::sys_time<std::chrono::nanoseconds> time_of(const json &snapshot)
{
    auto written = text(snapshot, "time");
    const auto refuse = [&] { throw NotUnderstood{std::format("\"{}\" is no time", printable(written, 100))}; };
    if (const auto year = written.substr(0, 5); year < "1700-" || year > "2200-")
        refuse();
    if (written.ends_with('Z'))
        written.replace(written.size() - 1, 1, "+00:00");
    std::istringstream stream{written};
    std::chrono::sys_time<std::chrono::nanoseconds> time;
    if (!(stream >> std::chrono::parse("%FT%T%Ez", time)) || stream.peek() != std::istringstream::traits_type::eof())
        refuse();
    return time;
}

} // namespace igotchuu::restic
