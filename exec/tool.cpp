// SPDX-License-Identifier: MIT
#include "exec/tool.hpp"

#include "exec/child.hpp"
#include "exec/confine.hpp"
#include "exec/lines.hpp"
#include "exec/programs.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"

#include <algorithm>
#include <filesystem>
#include <format>
#include <ranges>
#include <string_view>

namespace igotchuu
{
namespace
{

constexpr std::size_t most_output = std::size_t{16} * 1024 * 1024, most_words = std::size_t{4} * 1024;

/// What LVM warns of, in many lines and at any time, is not why it failed.
std::string without_warnings(std::string_view words)
{
    std::string rest;
    for (const auto line : words | std::views::split('\n')) {
        std::string_view text{line};
        text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
        if (!text.empty() && !text.starts_with("WARNING: "))
            rest += (rest.empty() ? "" : "; ") + std::string{text};
    }
    return rest;
}

/// "zfs list": the program and its verb.
std::string name_of(const Tool &tool)
{
    auto name = std::filesystem::path{tool.arguments.front()}.filename().native();
    if (tool.arguments.size() > 1 && !tool.arguments[1].starts_with('-'))
        name += ' ' + tool.arguments[1];
    return name;
}

std::string complaint_of(const Tool &tool, const ChildEnd &end, const std::string &words)
{
    if (end.killed)
        return std::format("it did not end within {}{}", tool.at_most,
                           end.stuck ? ", and cannot be killed: does the kernel wait for a disk that does not answer?" : "");
    if (end.succeeded() || !words.empty())
        return printable(words, 500);
    return end.signal != 0 ? std::format("it was ended by signal {}", end.signal) : std::format("it ended with {}", end.status);
}

} // namespace

ToolEnd run(const Tool &tool)
{
    auto arguments = limited_to(programs::setpriv, tool.capabilities);
    arguments.insert(arguments.end(), tool.arguments.begin(), tool.arguments.end());
    Child child{{.arguments = std::move(arguments),
                 .environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"},
                 .inherited = tool.inherited}};
    ToolEnd said;
    std::string words;
    const auto collect = [](std::string &into, std::size_t most) {
        return [&into, most](std::string_view bytes) { into += bytes.substr(0, most - into.size()); };
    };
    const Child::Sink keep = collect(said.output, most_output);
    Lines lines{[&](std::string_view line) {
        if (tool.wanted(line))
            keep(std::string{line} + '\n');
    }};
    const auto end = child.wait(
        tool.wanted ? [&](std::string_view bytes) { lines.feed(bytes); } : keep, collect(words, most_words),
        {.stop = tool.stop, .grace = std::chrono::seconds{10}, .at_most = tool.at_most, .gone_within = tool.gone_within});
    if (end.interrupted && !end.killed)
        throw Cancelled{};
    said.status = end.signal != 0 ? 128 + end.signal : end.status;
    said.complaint = complaint_of(tool, end, without_warnings(words));
    return said;
}

std::string output_of(const Tool &tool)
{
    auto said = run(tool);
    if (said.status != 0)
        throw Failure{std::format("cannot run {}: {}", name_of(tool), said.complaint)};
    return std::move(said.output);
}

} // namespace igotchuu
