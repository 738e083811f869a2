// SPDX-License-Identifier: MIT
#include "cli/retrieve/retrieval.hpp"
#include "cli/retrieve/stored.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"
#include "job/amount.hpp"
#include "job/diagnostic.hpp"
#include "job/host-name.hpp"

#include <algorithm>
#include <format>
#include <iostream>
#include <unistd.h>

namespace igotchuu
{

namespace
{

using nlohmann::json;

std::string size_of(const json &path)
{
    return path.at("bytes").is_null() ? "?" : bytes_text(path.at("bytes").get<std::uint64_t>());
}

void show_left_out(const json &kind)
{
    const Screen screen{STDOUT_FILENO};
    const auto reason = kind.at("reason").get<std::string>();
    std::cout << screen.toned(std::format("{}, {}: {}", bytes_text(kind.at("bytes").get<std::uint64_t>()),
                                          counted(kind.at("paths").get<std::uint64_t>(), "path", "paths"),
                                          reason.empty() ? "not in the backup, and nobody knows why: look" : printable(reason)),
                              reason.empty() ? Tone::bad : Tone::heading)
              << '\n';
    Table table;
    for (const auto &path : kind.at("largest"))
        table.row({{"  " + size_of(path)}, {printable(path.at("path").get<std::string>())}});
    for (const auto &line : table.lines(screen))
        std::cout << line << '\n';
}

void show_grown(const json &all)
{
    if (all.empty())
        return;
    const Screen screen{STDOUT_FILENO};
    std::cout << screen.toned("Grown between the last two snapshots", Tone::heading) << '\n';
    Table table;
    for (const auto &one : all) {
        const auto before = one.at("before").get<std::uint64_t>(), after = one.at("after").get<std::uint64_t>();
        table.row(
            {{"  +" + bytes_text(after - before)}, {"to " + bytes_text(after)}, {printable(one.at("path").get<std::string>())}});
    }
    for (const auto &line : table.lines(screen))
        std::cout << line << '\n';
}

void show(const json &snapshot, const json &left_out, const json &grown, const json &audited)
{
    const auto of = stored_snapshot(snapshot);
    std::cout << std::format("{} of the sources are in the snapshot {}, in {}; {} are newer than it\n",
                             counted(audited.at("files").get<std::uint64_t>(), "file", "files"), snapshot_text(of, host_name()),
                             printable(of.repository), bytes_text(audited.at("newer_bytes").get<std::uint64_t>()));
    if (left_out.empty())
        std::cout << "Nothing is left out.\n";
    for (const auto &kind : left_out)
        show_left_out(kind);
    show_grown(grown);
}

} // namespace

int audit_job(const AuditRequest &request)
{
    Retrieval retrieval{request.where, {{"verb", "audit"}}};
    json snapshot, audited;
    auto left_out = json::array(), grown = json::array();
    while (auto message = retrieval.next()) {
        const auto what = message->value("message", "");
        message->erase("message");
        if (what == "snapshot")
            snapshot = *message;
        else if (what == "left out")
            left_out.push_back(*message);
        else if (what == "grown")
            grown.push_back(*message);
        else
            audited = *message;
    }
    const auto status = retrieval.wait();
    if (request.json)
        std::cout << json{{"schema", 1},    {"snapshot", snapshot}, {"left_out", left_out},
                          {"grown", grown}, {"summary", audited},   {"troubles", retrieval.troubles()}}
                         .dump()
                  << '\n';
    else if (!audited.is_null())
        show(snapshot, left_out, grown, audited);
    return status;
}

} // namespace igotchuu
