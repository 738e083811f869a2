// SPDX-License-Identifier: MIT
#include "cli/retrieve/restore-report.hpp"

#include "cli/retrieve/stored.hpp"
#include "job/amount.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"

#include <algorithm>
#include <array>
#include <format>

namespace igotchuu
{

namespace
{

using nlohmann::json;

struct Named {
    std::uint64_t count;
    std::vector<std::string> first;
};

Named named(const json &message, const char *what)
{
    const auto &object = message.at(what);
    return {object.at("count").get<std::uint64_t>(), object.at("first").get<std::vector<std::string>>()};
}

std::string files_text(std::uint64_t count)
{
    return counted(count, "file", "files");
}

std::string all_text(std::uint64_t files, std::uint64_t directories)
{
    const auto both = counted(directories, "directory", "directories");
    return directories == 0 ? files_text(files) : files == 0 ? both : files_text(files) + " and " + both;
}

void add(std::vector<std::string> &lines, std::string_view label, const std::string &text)
{
    lines.push_back(std::format("  {:<12}{}", label, text));
}

void add_names(std::vector<std::string> &lines, const Named &all)
{
    for (const auto &path : all.first)
        lines.push_back(std::format("  {:<12}  {}", "", printable(path)));
    if (all.count > all.first.size())
        lines.push_back(std::format("  {:<12}  and {} more", "", number_text(all.count - all.first.size())));
}

void add_named(std::vector<std::string> &lines, std::string_view label, const Named &all, const std::string &text)
{
    if (all.count == 0)
        return;
    add(lines, label, text);
    add_names(lines, all);
}

std::string newer_text(std::uint64_t count)
{
    return count == 0 ? std::string{} : std::format(", {} newer here than in the snapshot", number_text(count));
}

std::string heading(const json &plan)
{
    std::string into;
    for (const auto &path : plan.at("into").get<std::vector<std::string>>())
        into += (into.empty() ? "" : ", ") + printable(path);
    const auto as = plan.at("as").get<std::string>();
    return std::format("From the snapshot {} of {}, made on {}, in {}, to {}{}:", plan.at("id").get<std::string>().substr(0, 8),
                       time_text(time_from(plan.at("time").get<std::string>())), printable(plan.at("host").get<std::string>()),
                       printable(plan.at("repository").get<std::string>()), into,
                       as.empty() ? "" : ", with the rights of " + printable(as));
}

[[noreturn]] void refuse(const json::exception &error)
{
    throw Failure{std::format("cannot understand igotchuu-exec: {} (it is of another version)", error.what())};
}

} // namespace

bool has_work(const json &plan)
try {
    return plan.at("files").get<std::uint64_t>() + plan.at("directories").get<std::uint64_t>() +
               plan.at("adapted").get<std::uint64_t>() + named(plan, "replaced").count >
           0;
} catch (const json::exception &error) {
    refuse(error);
}

std::string no_work_line(const json &plan)
try {
    return named(plan, "in_the_way").count > 0 ? "Nothing can be restored: what is in the way is to be moved by hand first."
                                               : "There is nothing to restore.";
} catch (const json::exception &error) {
    refuse(error);
}

std::vector<std::string> plan_lines(const json &plan)
try {
    std::vector<std::string> lines{heading(plan)};
    const auto files = plan.at("files").get<std::uint64_t>(), directories = plan.at("directories").get<std::uint64_t>();
    const auto adapted = plan.at("adapted").get<std::uint64_t>(), same = plan.at("same").get<std::uint64_t>();
    const auto replaced = named(plan, "replaced"), newer = named(plan, "newer"), left = named(plan, "left"),
               in_the_way = named(plan, "in_the_way");
    if (files + directories > 0)
        add(lines, "new", all_text(files, directories));
    add_named(lines, "replaced", replaced, files_text(replaced.count) + newer_text(left.count == 0 ? newer.count : 0));
    add_named(lines, "left", left,
              std::format("{}, other than in the snapshot{}; --overwrite=always replaces {}", files_text(left.count),
                          newer_text(newer.count), left.count == 1 ? "it" : "them"));
    add_named(lines, "in the way", in_the_way,
              std::format("{}: a directory here and none in the snapshot, or the other way round; to be moved by hand",
                          number_text(in_the_way.count)));
    if (adapted > 0)
        add(lines, "adapted", counted(adapted, "directory gets", "directories get") + " owner, rights and times of the snapshot");
    if (same > 0)
        add(lines, "as they are", files_text(same));
    const auto bytes = plan.at("bytes").get<std::uint64_t>(), free = plan.at("free").get<std::uint64_t>();
    add(lines, "space", std::format("{} to come, {} free", bytes_text(bytes), bytes_text(free)));
    return lines;
} catch (const json::exception &error) {
    refuse(error);
}

std::vector<std::string> end_lines(const json &restored)
try {
    struct Shortfall {
        const char *name, *text;
    };
    constexpr std::array shortfalls{
        Shortfall{"missing", "not restored, since restic could not"},
        Shortfall{"refused", "not restored, since the system did not let them come to their place"},
        Shortfall{"changed_meanwhile", "not restored, since something new was in their place by then"},
        Shortfall{"in_the_way", "not restored, since a directory is there and none in the snapshot, or the other way round"},
        Shortfall{"unlike", "restored without the owner, the rights or the attributes that they have in the snapshot"},
    };
    std::vector<std::string> lines{std::format(
        "Restored: {}, {}.", all_text(restored.at("files").get<std::uint64_t>(), restored.at("directories").get<std::uint64_t>()),
        bytes_text(restored.at("bytes").get<std::uint64_t>()))};
    for (const auto &shortfall : shortfalls) {
        const auto all = named(restored, shortfall.name);
        if (all.count == 0)
            continue;
        lines.push_back(std::format("{} {}:", number_text(all.count), shortfall.text));
        add_names(lines, all);
    }
    return lines;
} catch (const json::exception &error) {
    refuse(error);
}

std::string restore_progress_line(const json &progress)
try {
    const auto done = progress.at("bytes_done").get<std::uint64_t>(), total = progress.at("total_bytes").get<std::uint64_t>();
    const auto seconds = progress.at("seconds_elapsed").get<std::uint64_t>();
    if (total == 0)
        return "restoring";
    auto line = std::format("restoring  {:3} %  {} of {}", std::min<std::uint64_t>(100, done * 100 / total), bytes_text(done),
                            bytes_text(total));
    if (seconds > 0)
        line += std::format("  {}/s", bytes_text(done / seconds));
    return line;
} catch (const json::exception &error) {
    refuse(error);
}

} // namespace igotchuu
