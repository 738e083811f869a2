// SPDX-License-Identifier: MIT
#include "cli/job-names.hpp"
#include "cli/retrieve/file-versions.hpp"
#include "cli/retrieve/path-words.hpp"
#include "cli/retrieve/retrieval.hpp"
#include "cli/shell.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"
#include "job/amount.hpp"
#include "job/diagnostic.hpp"
#include "job/exit-status.hpp"
#include "job/host-name.hpp"
#include "job/redact.hpp"
#include "job/utf8.hpp"

#include <algorithm>
#include <filesystem>
#include <format>
#include <iostream>
#include <pwd.h>
#include <set>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace igotchuu
{

namespace
{

using nlohmann::json;

VersionsRequest understood(VersionsRequest request)
{
    if (const auto &word = request.where.job; request.file.empty() && !word.empty() && (is_path(word) || is_no_job(word)))
        request.file = std::exchange(request.where.job, {});
    if (request.file.empty())
        throw UsageError{"of which file? Name its path: igotchuu versions /home/alice/thesis.odt"};
    request.file = stored_path(request.file);
    add_job_of(request.where, request.file);
    return request;
}

/// Whose the directory is that it would come back to, where that is not root's: root restores nothing there.
std::string owner_of_place(const std::string &file)
{
    struct stat status{};
    if (stat(std::filesystem::path{file}.parent_path().c_str(), &status) < 0 || status.st_uid == 0)
        return {};
    const auto *const entry = getpwuid(status.st_uid);
    return entry == nullptr ? std::string{} : entry->pw_name;
}

/// What restore takes, whose paths are UTF-8: the file, or the directory above a name that is none.
std::string restorable(const std::string &file)
{
    const auto listed = listed_name(file);
    const auto vague = listed.find(unsayable);
    return vague == listed.npos ? file : listed.substr(0, std::max<std::size_t>(1, listed.rfind('/', vague)));
}

/// What brings it back, from that snapshot.
std::string restoring(const VersionsRequest &request, const std::string &snapshot)
{
    const auto &[job, repository, password_file] = request.where;
    std::string command = "igotchuu restore";
    if (!job.empty())
        command += ' ' + shell_word(job);
    if (!repository.empty())
        command += " --repository " + shell_word(redacted_location(repository));
    if (const auto owner = owner_of_place(request.file); !owner.empty())
        command += " --as " + shell_word(owner);
    const auto path = restorable(request.file);
    return std::format("{} --snapshot {} {}{}", command, snapshot, shell_word(path), path == request.file ? "" : " --to DIR");
}

/// Each once.
std::string names_of(const FileVersion &version, std::string StoredSnapshot::*member)
{
    std::set<std::string> names;
    for (const auto &snapshot : version.snapshots)
        names.insert(snapshot.*member);
    std::string text;
    for (const auto &name : names)
        text += (text.empty() ? "" : ", ") + printable(name);
    return text;
}

void show_table(const std::vector<FileVersion> &versions, const VersionsRequest &request)
{
    Table table;
    std::vector<Cell> heading;
    for (const auto *const title : {"SIZE", "MODIFIED", "SNAPSHOT", "FROM", "TO", "SNAPSHOTS", "HOST", "REPOSITORY"})
        heading.push_back({title, Tone::heading});
    table.row(std::move(heading));
    for (const auto &version : versions)
        table.row({{version.file.type == "file" ? bytes_text(version.file.size) : printable(version.file.type)},
                   {modified_text(version.file.modified)},
                   {version.snapshots.front().id.substr(0, 8)},
                   {time_text(version.snapshots.back().time)},
                   {time_text(version.snapshots.front().time)},
                   {number_text(count_instants(version.snapshots))},
                   {names_of(version, &StoredSnapshot::host)},
                   {names_of(version, &StoredSnapshot::repository)}});
    const auto here = host_name();
    if (std::ranges::none_of(versions, [&](const auto &one) { return are_from_elsewhere(one.snapshots, here); }))
        table.drop(6);
    for (const auto &line : table.lines(Screen{STDOUT_FILENO}))
        std::cout << line << '\n';
    std::cout << "One of them comes back by: " << printable(restoring(request, "SNAPSHOT")) << '\n';
}

json json_of(const FileVersion &version, const VersionsRequest &request)
{
    return {{"type", version.file.type},
            {"size", version.file.size},
            {"mode", version.file.mode},
            {"owner", version.file.owner},
            {"group", version.file.group},
            {"modified", version.modified},
            {"snapshots", json_of(version.snapshots)},
            {"restore", restoring(request, version.snapshots.front().id)}};
}

void print_json(const std::vector<FileVersion> &versions, const VersionsRequest &request, const json &others)
{
    auto list = json::array();
    for (const auto &version : versions)
        list.push_back(json_of(version, request));
    json whole{{"schema", 1}, {"path", listed_name(request.file)}, {"versions", std::move(list)}};
    whole.update(others);
    std::cout << whole.dump() << '\n';
}

struct Unknown {
    json not_compared = json::array(), kept = json::array();
    void add(const json &message)
    {
        if (message.value("message", "") == "kept")
            kept.push_back(message.at("time"));
        else
            not_compared.push_back({{"repository", message.at("repository")}, {"states", message.at("states")}});
    }
};

void say(const Unknown &unknown)
{
    for (const auto &message : unknown.not_compared)
        std::cerr << std::format("igotchuu: {}: {} of the same size as others are told apart by their times alone\n",
                                 printable(message.value("repository", "")),
                                 counted(message.value("states", std::uint64_t{0}), "state", "states"));
    for (const auto &time : unknown.kept)
        std::cerr << std::format("igotchuu: the instant of {} is kept here for an absent repository, and was not looked into: {} "
                                 "pending says where it lies, and KEPT INSTANTS in man igotchuu how to copy a file out of it\n",
                                 time_text(time_from(time.get<std::string>())), IGOTCHUU_EXEC);
}

} // namespace

int show_versions(const VersionsRequest &typed)
{
    const auto request = understood(typed);
    Retrieval retrieval{request.where, {{"verb", "versions"}, {"path", listed_name(request.file)}}};
    StoredSnapshots snapshots;
    std::vector<FileVersion> states;
    Unknown unknown;
    while (const auto message = retrieval.next()) {
        const auto what = message->value("message", "");
        if (what == "snapshot") {
            snapshots.add(*message);
        } else if (what == "state") {
            states.push_back(file_version(*message, snapshots));
        } else {
            unknown.add(*message);
        }
    }
    const auto status = retrieval.wait();
    const auto versions = versions_of(states);
    if (request.json)
        print_json(versions, request,
                   {{"not_compared", unknown.not_compared},
                    {"kept", unknown.kept},
                    {"alike", retrieval.alike()},
                    {"troubles", retrieval.troubles()}});
    else if (!versions.empty())
        show_table(versions, request);
    say(unknown);
    if (status != 0 || !versions.empty())
        return status;
    std::cerr << std::format("igotchuu: none of {} has {} (igotchuu find looks for its name)\n",
                             counted(snapshots.size(), "snapshot", "snapshots"), printable(request.file));
    return static_cast<int>(ExitStatus::failed);
}

} // namespace igotchuu
