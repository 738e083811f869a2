// SPDX-License-Identifier: MIT
#include "exec/snapshot/zfs-list.hpp"

#include "job/diagnostic.hpp"
#include "job/error.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <format>
#include <ranges>
#include <system_error>

namespace igotchuu::zfs
{
namespace
{

[[noreturn]] void refuse(std::string_view line)
{
    throw Failure{std::format("zfs said what is not understood: {}", printable(line, 200))};
}

/// The last field has what is left of the line.
template <std::size_t count>
std::array<std::string_view, count> fields(std::string_view line)
{
    std::array<std::string_view, count> all;
    std::string_view rest = line;
    for (std::size_t i = 0; i + 1 < count; ++i) {
        const auto tab = rest.find('\t');
        if (tab == std::string_view::npos)
            refuse(line);
        all[i] = rest.substr(0, tab);
        rest.remove_prefix(tab + 1);
    }
    all[count - 1] = rest;
    if (all.front().empty())
        refuse(line);
    return all;
}

std::uint64_t number(std::string_view digits, std::string_view line)
{
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size())
        refuse(line);
    return value;
}

/// Each line goes to `take`; the last one needs its newline as well: without it, it was cut.
template <typename Take>
void each_line(std::string_view text, Take take)
{
    while (!text.empty()) {
        const auto end = text.find('\n');
        if (end == std::string_view::npos)
            refuse(text);
        take(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
}

} // namespace

std::vector<std::string> parse_names(std::string_view text)
{
    std::vector<std::string> all;
    each_line(text, [&](std::string_view line) { all.emplace_back(fields<1>(line).front()); });
    return all;
}

std::vector<FileSystem> parse_file_systems(std::string_view text)
{
    std::vector<FileSystem> all;
    each_line(text, [&](std::string_view line) {
        const auto [name, can_mount, key, mount_point] = fields<4>(line);
        all.push_back({.name = std::string{name},
                       .mounts_itself = can_mount == "on",
                       .mounts_never = can_mount == "off",
                       .key_missing = key == "unavailable",
                       .mount_point = std::string{mount_point}});
    });
    return all;
}

std::vector<Found> parse_found(std::string_view text)
{
    std::vector<Found> all;
    each_line(text, [&](std::string_view line) {
        const auto [name, transaction, created, holds] = fields<4>(line);
        const auto seconds =
            std::min<std::uint64_t>(number(created, line), std::uint64_t{1} << 33U); // no clock of ours goes further
        all.push_back({.name = std::string{name},
                       .transaction = number(transaction, line),
                       .created = std::chrono::system_clock::time_point{std::chrono::seconds{seconds}},
                       .holds = holds == "-" ? 0 : number(holds, line)});
    });
    return all;
}

std::vector<Written> parse_written(std::string_view text)
{
    std::vector<Written> all;
    each_line(text, [&](std::string_view line) {
        const auto [name, guid, bytes] = fields<3>(line);
        number(guid, line);
        all.push_back({.snapshot = std::string{name}, .guid = std::string{guid}, .bytes = number(bytes, line)});
    });
    return all;
}

std::string same_as(std::span<const Written> all, std::string_view snapshot)
{
    std::string same;
    bool unchanged = false;
    for (const auto &one : all | std::views::reverse) {
        if (dataset_of(one.snapshot) != dataset_of(snapshot))
            continue;
        if (one.snapshot == snapshot)
            unchanged = one.bytes == 0;
        else if (unchanged) {
            same = one.guid;
            unchanged = one.bytes == 0;
        }
    }
    return same;
}

std::vector<Mark> parse_marks(std::string_view text)
{
    std::vector<Mark> all;
    each_line(text, [&](std::string_view line) {
        const auto [snapshot, source, run] = fields<3>(line);
        all.push_back({std::string{snapshot}, source == "local", std::string{run}});
    });
    return all;
}

unsigned parse_free_percent(std::string_view text)
{
    std::vector<double> values;
    each_line(text, [&](std::string_view line) { values.push_back(static_cast<double>(number(line, line))); });
    if (values.size() != 2 || values[0] + values[1] == 0)
        refuse(text);
    return static_cast<unsigned>(100 * values[1] / (values[0] + values[1]));
}

std::string_view pool_of(std::string_view name)
{
    return name.substr(0, name.find_first_of("/@"));
}

std::string_view dataset_of(std::string_view snapshot)
{
    return snapshot.substr(0, snapshot.find('@'));
}

std::string_view common_to(std::span<const std::string> datasets)
{
    const auto contains = [](std::string_view outer, std::string_view inner) {
        return inner.starts_with(outer) && (inner.size() == outer.size() || inner[outer.size()] == '/');
    };
    std::string_view common = datasets.front();
    while (!std::ranges::all_of(datasets, [&](const auto &dataset) { return contains(common, dataset); })) {
        const auto slash = common.rfind('/');
        if (slash == std::string_view::npos)
            return {};
        common = common.substr(0, slash);
    }
    return common;
}

std::string snapshot_name(std::string_view invocation)
{
    return std::string{name_begin} + std::string{invocation};
}

bool called_as_ours(std::string_view snapshot)
{
    const auto at = snapshot.find('@');
    return at != std::string_view::npos && snapshot.substr(at + 1).starts_with(name_begin);
}

} // namespace igotchuu::zfs
