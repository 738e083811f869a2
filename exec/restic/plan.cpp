// SPDX-License-Identifier: MIT
#include "exec/restic/plan.hpp"

#include "job/diagnostic.hpp"
#include "job/error.hpp"

#include <algorithm>
#include <array>
#include <format>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

namespace igotchuu::restic
{

namespace
{

using nlohmann::json;

[[noreturn]] void refuse(std::string_view what)
{
    throw Failure{std::format("what restic plans to forget cannot be understood ({}), so nothing is forgotten", what)};
}

/// Keeps what is read here, so that nothing takes much memory: a snapshot has long lists of paths.
class Sieve
{
public:
    bool operator()(int depth, json::parse_event_t event, const json &parsed)
    {
        if (depth > deepest || ++seen_ > most)
            return false;
        return event != json::parse_event_t::key || std::ranges::contains(names, parsed.get_ref<const std::string &>());
    }
    [[nodiscard]] bool overflown() const noexcept { return seen_ > most; }

private:
    static constexpr std::array<std::string_view, 10> names{"keep", "remove",   "reasons", "snapshot", "matches",
                                                            "time", "hostname", "tags",    "id",       "original"};
    static constexpr int deepest = 6; // groups, group, reasons, reason, snapshot, tags, tag
    static constexpr std::size_t most = 3'000'000; // a snapshot has 50 or so, twice
    std::size_t seen_ = 0;
};

const json &member(const json &object, const char *name)
{
    static const json nothing;
    if (!object.is_object())
        refuse("no object");
    const auto found = object.find(name);
    return found == object.end() ? nothing : *found;
}

/// Go has null for a list that is empty.
const json &list(const json &object, const char *name)
{
    const auto &value = member(object, name);
    if (!value.is_null() && !value.is_array())
        refuse(std::format("{} is no list", name));
    return value;
}

std::string text(const json &object, const char *name)
{
    const auto &value = member(object, name);
    if (!value.is_string())
        refuse(std::format("{} is no text", name));
    return value.get<std::string>();
}

std::vector<std::string> texts(const json &object, const char *name)
{
    std::vector<std::string> all;
    for (const auto &value : list(object, name)) {
        if (!value.is_string())
            refuse(std::format("{} has something else than texts in it", name));
        all.push_back(value.get<std::string>());
    }
    return all;
}

/// It becomes an argument of the command that removes.
std::string id_of(const json &snapshot)
{
    auto id = text(snapshot, "id");
    if (id.size() != 64 || id.find_first_not_of("0123456789abcdef") != id.npos)
        refuse(std::format("\"{}\" is no snapshot's id", printable(id, 100)));
    return id;
}

/// As Go writes it: RFC 3339, with up to 9 digits of a second. Of other years 64 bits could not hold them.
std::chrono::sys_time<std::chrono::nanoseconds> time_of(const json &snapshot)
{
    auto written = text(snapshot, "time");
    if (const auto year = written.substr(0, 5); year < "1700-" || year > "2200-")
        refuse(std::format("\"{}\" is no time", printable(written, 100)));
    if (written.ends_with('Z'))
        written.replace(written.size() - 1, 1, "+00:00");
    std::istringstream stream{written};
    std::chrono::sys_time<std::chrono::nanoseconds> time;
    if (!(stream >> std::chrono::parse("%FT%T%Ez", time)) || stream.peek() != std::istringstream::traits_type::eof())
        refuse(std::format("\"{}\" is no time", printable(written, 100)));
    return time;
}

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
                refuse(std::format("the snapshot {} is in it twice", id.substr(0, 8)));
            const auto tags = texts(snapshot, "tags");
            for (const auto &tag : tags_)
                if (!std::ranges::contains(tags, tag))
                    refuse(std::format("the snapshot {} is not the job's: it has no tag {}", id.substr(0, 8), tag));
            all.push_back({id, time_of(snapshot), text(snapshot, "hostname"), reasons_[id],
                           snapshot.contains("original") ? text(snapshot, "original") : std::string{}});
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
{
    if (text.find_first_not_of(" \t\r\n") == text.npos)
        return {};
    Sieve sieve;
    const auto groups = json::parse(text, std::ref(sieve), false);
    if (sieve.overflown())
        refuse("it is too long");
    if (!groups.is_array())
        refuse("it is no list");
    if (groups.size() > 1)
        refuse("it has several groups");
    return groups.empty() ? Plan{} : Reader{groups.front(), tags}.plan();
}

} // namespace igotchuu::restic
