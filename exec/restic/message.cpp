// SPDX-License-Identifier: MIT
#include "exec/restic/message.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

namespace igotchuu::restic
{

namespace
{

using nlohmann::json;

/// Keeps what is read here, so that no line takes much memory: restic's own messages go 2 deep, and its only list has the files of this moment.
bool is_of_use(int depth, json::parse_event_t event, const json &)
{
    return depth <= 2 && event != json::parse_event_t::array_start;
}

const json *field(const json &object, const char *name)
{
    const auto found = object.find(name);
    return found == object.end() ? nullptr : &*found;
}

std::string text(const json &object, const char *name)
{
    const auto *value = field(object, name);
    return value && value->is_string() ? value->get<std::string>() : std::string{};
}

template <typename Number>
Number whole(const json &object, const char *name)
{
    const auto *value = field(object, name);
    if (value && value->is_number_unsigned())
        return static_cast<Number>(std::min<std::uint64_t>(value->get<std::uint64_t>(), std::numeric_limits<Number>::max()));
    return 0; // restic counts nothing below zero
}

/// 0.18.0 gives a run that it skipped a duration of -9223372036 s.
double positive(const json &object, const char *name)
{
    const auto *value = field(object, name);
    return value && value->is_number() ? std::max(0.0, value->get<double>()) : 0.0;
}

/// A snapshot's id becomes part of a path: 64 hexadecimal digits, or none. --dry-run names one that nobody will ever see (0.18.0).
std::string snapshot_id(const json &object)
{
    auto id = text(object, "snapshot_id");
    if (const auto *dry = field(object, "dry_run"); dry && *dry != false)
        return {};
    if (id.size() != 64 || id.find_first_not_of("0123456789abcdef") != id.npos)
        id.clear();
    return id;
}

Progress progress(const json &object)
{
    const bool restores = field(object, "bytes_restored") || field(object, "files_restored");
    return {
        .seconds_elapsed = whole<std::uint64_t>(object, "seconds_elapsed"),
        .seconds_remaining = whole<std::uint64_t>(object, "seconds_remaining"),
        .percent_done = std::min(1.0, positive(object, "percent_done")),
        .total_files = whole<std::uint64_t>(object, "total_files"),
        .files_done = whole<std::uint64_t>(object, restores ? "files_restored" : "files_done"),
        .total_bytes = whole<std::uint64_t>(object, "total_bytes"),
        .bytes_done = whole<std::uint64_t>(object, restores ? "bytes_restored" : "bytes_done"),
        .error_count = whole<std::uint64_t>(object, "error_count"),
    };
}

Summary summary(const json &object)
{
    return {
        .files_new = whole<std::uint64_t>(object, "files_new"),
        .files_changed = whole<std::uint64_t>(object, "files_changed"),
        .files_unmodified = whole<std::uint64_t>(object, "files_unmodified"),
        .dirs_new = whole<std::uint64_t>(object, "dirs_new"),
        .dirs_changed = whole<std::uint64_t>(object, "dirs_changed"),
        .dirs_unmodified = whole<std::uint64_t>(object, "dirs_unmodified"),
        .data_blobs = whole<std::int64_t>(object, "data_blobs"),
        .tree_blobs = whole<std::int64_t>(object, "tree_blobs"),
        .data_added = whole<std::uint64_t>(object, "data_added"),
        .total_files_processed = whole<std::uint64_t>(object, "total_files_processed"),
        .total_bytes_processed = whole<std::uint64_t>(object, "total_bytes_processed"),
        .total_duration = positive(object, "total_duration"),
        .snapshot_id = snapshot_id(object),
    };
}

/// 0.17.1 on: {"message": …}; 0.17.0: {}; before: Go's own {"Op", "Path", "Err": errno}.
std::string error_text(const json &object)
{
    const auto *error = field(object, "error");
    if (!error || !error->is_object())
        return "restic did not say why";
    if (auto message = text(*error, "message"); !message.empty())
        return message;
    const auto number = whole<int>(*error, "Err");
    if (number == 0)
        return "restic did not say why";
    const auto *why = strerrordesc_np(number);
    return text(*error, "Op") + " " + text(*error, "Path") + ": " + (why ? why : "unknown error " + std::to_string(number));
}

Message message(const json &object)
{
    const auto type = text(object, "message_type");
    if (type == "status" && !field(object, "action")) // with -vv the scan's end is a "status", too
        return progress(object);
    if (type == "summary")
        return summary(object);
    if (type == "error")
        return FileError{text(object, "item"), error_text(object), text(object, "during") == "scan"};
    if (type == "exit_error")
        return ExitError{text(object, "message")};
    return type.empty() ? Message{Text{}} : Message{OtherMessage{}};
}

/// Anything but an object: no message at all.
json object_in(std::string_view line)
{
    const auto first = line.find_first_not_of(" \t\r");
    if (first == line.npos || line[first] != '{')
        return nullptr;
    return json::parse(line, is_of_use, false);
}

} // namespace

Message parse(std::string_view line)
{
    const auto object = object_in(line);
    return object.is_object() ? message(object) : Text{};
}

std::optional<Item> parse_item(std::string_view line)
{
    const auto object = object_in(line);
    if (!object.is_object() || text(object, "message_type") != "verbose_status" || text(object, "item").empty())
        return {};
    return Item{text(object, "action"), text(object, "item"), whole<std::uint64_t>(object, "size")};
}

std::optional<ListedNode> parse_node(std::string_view line)
{
    const auto object = object_in(line);
    if (!object.is_object() || text(object, "struct_type") != "node" || text(object, "path").empty())
        return {};
    return ListedNode{text(object, "type"), text(object, "path"), whole<std::uint64_t>(object, "size")};
}

bool is_summary(std::string_view line)
{
    return std::holds_alternative<Summary>(parse(line));
}

} // namespace igotchuu::restic
