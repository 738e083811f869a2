// SPDX-License-Identifier: MIT
#include "exec/restic/look.hpp"

#include "exec/restic/cause.hpp"
#include "exec/restic/command-line.hpp"
#include "exec/restic/object-stream.hpp"
#include "exec/restic/snapshot-json.hpp"
#include "exec/restic/snapshots.hpp"
#include "exec/restic/verdict.hpp"
#include "job/diagnostic.hpp"
#include "job/unit-name.hpp"
#include "job/utf8.hpp"

#include <algorithm>
#include <chrono>
#include <format>
#include <iterator>
#include <nlohmann/json.hpp>
#include <ranges>
#include <utility>

namespace igotchuu::restic
{

namespace
{

using nlohmann::json;

constexpr std::chrono::seconds reach{20};

/// restic's words for a path that a tree has not (0.17 to 0.19).
[[noreturn]] void refuse(const Repository &repository, const Ended &ended)
{
    const auto &reason = ended.words.reason();
    if (reason.starts_with("path ") && reason.ends_with(": not found"))
        throw NotThere{reason};
    if (reason.starts_with("path ") && reason.ends_with(": not a directory"))
        throw NoDirectory{reason};
    const auto why = explain(repository, ended);
    if (ended.lost_server() || is_out_of_reach(ended.words.cause()))
        throw Unreached{why};
    throw Failure{why};
}

/// `verb` and what follows it: the words that each of these starts has are put between them.
void look(const Starter &starter, const Access &access, Verb verb)
try {
    verb.arguments.insert(verb.arguments.begin() + 1, {"--json", "--no-lock"});
    verb.reaches_within = reach;
    const auto ended = start(starter, access, verb);
    if (ended.end.succeeded())
        return;
    if (ended.was_stopped())
        throw Cancelled{};
    refuse(access.repository(), ended);
} catch (const NotUnderstood &what) {
    throw Failure{std::format("what restic says cannot be understood ({})", what.what())};
}

Amount amount_in(const json &side)
{
    const auto count = [&](const char *name) {
        const auto &value = member(side, name);
        return value.is_number_unsigned() ? value.get<std::uint64_t>() : 0;
    };
    return {.files = count("files"), .directories = count("dirs"), .others = count("others"), .bytes = count("bytes")};
}

/// "ID" or "ID:PATH".
std::string tree_of(const std::string &snapshot, const std::string &path)
{
    return path == "/" ? snapshot : snapshot + ':' + path;
}

} // namespace

bool is_vague(std::string_view path)
{
    return path.contains(unsayable);
}

std::string typed_pattern(std::string pattern)
{
    bool in_class = false;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        if (pattern[at] == '\\')
            ++at;
        else if (pattern[at] == '[' || pattern[at] == ']')
            in_class = pattern[at] == '[';
        else if (!in_class && std::string_view{pattern}.substr(at).starts_with(unsayable)) {
            pattern.replace(at, unsayable.size(), std::format("[{}]", unsayable)); // a class of it fits every byte that is no UTF-8
            at += unsayable.size() + 1;
        }
    }
    return pattern;
}

std::string pattern_of(const std::string &path)
{
    return typed_pattern(literal_pattern(path));
}

void find(const Starter &starter, const Access &access, const Sought &sought, const HearNode &hear,
          const std::function<void(const std::string &snapshot)> &over)
{
    ObjectStream matches{4, [&](std::string_view match) { hear(matching_node(match)); },
                         [&](std::string_view snapshot) { over(text(json::parse(snapshot, nullptr, false), "snapshot")); }};
    std::vector<std::string> arguments{"find"};
    if (!sought.tag.empty())
        arguments.push_back("--tag=" + sought.tag);
    if (!sought.snapshot.empty())
        arguments.push_back("--snapshot=" + sought.snapshot);
    arguments.emplace_back("--");
    arguments.insert(arguments.end(), sought.patterns.begin(), sought.patterns.end());
    look(starter, access, {.arguments = std::move(arguments), .output = [&](std::string_view bytes) { matches.feed(bytes); }});
    if (matches.heard_other_words()) // "Unable to load tree …", and an end as if all was well (0.17 to 0.19)
        throw Unread{
            std::format("a directory in a snapshot cannot be read, so that not all that is there was found: the repository is "
                        "damaged (its maintenance checks it: systemctl start {})",
                        maintenance_service_of(repository_instance_of(access.repository().name)))};
}

namespace
{

void list_one(const Starter &starter, const Access &access, const std::string &snapshot, const std::string &directory,
              const HearNode &hear)
{
    ObjectStream nodes{3, [&](std::string_view node) { hear(tree_node(node, directory)); }};
    look(starter, access,
         {.arguments = {"cat", "tree", snapshot + ':' + directory}, .output = [&](std::string_view bytes) { nodes.feed(bytes); }});
}

/// The directories in `directory` that restic lists by that name, with the bytes of theirs.
std::vector<std::string> listed_as(const Starter &starter, const Access &access, const std::string &snapshot,
                                   const std::string &directory, std::string_view name)
try {
    std::vector<std::string> all;
    list_one(starter, access, snapshot, directory, [&](const Node &node) {
        if (node.type == "dir" && listed_name(std::string_view{node.path}.substr(node.path.rfind('/') + 1)) == name)
            all.push_back(node.path);
    });
    return all;
} catch (const NotThere &) { // of several that are listed alike another one has it
    return {};
} catch (const NoDirectory &) {
    return {};
}

/// Those that restic lists by the path. Of a vague one each step is looked at; the others may be there or not.
std::vector<std::string> directories_of(const Starter &starter, const Access &access, const std::string &snapshot,
                                        const std::string &path)
{
    std::vector<std::string> all{""};
    for (const auto &part : std::views::split(std::string_view{path}.substr(1), '/')) {
        const std::string_view name{part};
        std::vector<std::string> next;
        for (const auto &directory : all)
            if (is_vague(name))
                std::ranges::move(listed_as(starter, access, snapshot, directory.empty() ? "/" : directory, name),
                                  std::back_inserter(next));
            else
                next.push_back(std::format("{}/{}", directory, name));
        all = std::move(next);
    }
    return all;
}

} // namespace

std::size_t list_directory(const Starter &starter, const Access &access, const std::string &snapshot, const std::string &directory,
                           const HearNode &hear)
{
    if (!is_vague(directory)) {
        list_one(starter, access, snapshot, directory, hear);
        return 1;
    }
    std::size_t listed = 0;
    for (const auto &one : directories_of(starter, access, snapshot, directory))
        try {
            list_one(starter, access, snapshot, one, hear);
            ++listed;
        } catch (const NotThere &) { // another one has it
            continue;
        } catch (const NoDirectory &) {
            continue;
        }
    if (listed == 0)
        throw NotThere{std::format("no directory is listed as {}", printable(directory))};
    return listed;
}

Differences compare_snapshots(const Starter &starter, const Access &access, const std::array<std::string, 2> &snapshots,
                              const std::string &below, const std::function<void(const Change &change)> &hear)
{
    Differences differences;
    const auto hear_line = [&](std::string_view line) {
        const auto message = json::parse(line, nullptr, false);
        if (!message.is_object())
            return;
        const auto type = message.value("message_type", "");
        if (type == "change") {
            const auto kind = text(message, "modifier");
            hear({kind.empty() ? ' ' : kind.front(), (below == "/" ? "" : below) + text(message, "path")});
        } else if (type == "statistics") {
            differences = {.changed = message.value("changed_files", std::uint64_t{0}),
                           .added = amount_in(member(message, "added")),
                           .removed = amount_in(member(message, "removed"))};
        }
    };
    look(starter, access, {.arguments = {"diff", tree_of(snapshots[0], below), tree_of(snapshots[1], below)}, .line = hear_line});
    return differences;
}

} // namespace igotchuu::restic
