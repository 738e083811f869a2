// SPDX-License-Identifier: MIT
#include "cli/control.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"
#include "job/configuration.hpp"
#include "job/exit-status.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <format>
#include <iostream>
#include <list>
#include <ranges>
#include <unistd.h>

namespace igotchuu
{

namespace
{

using json = nlohmann::ordered_json;

/// What a job is made of, the most important last. Where keys stand refers to the names of `files`.
struct Layers {
    std::list<FoundFile> files; ///< each alone, a drop-in too
    std::vector<Values> values; ///< of each
    Findings findings;

    void add(const SearchPath &path, const FoundFile &found)
    {
        std::vector<std::string> all{found.path};
        all.insert(all.end(), found.drop_ins.begin(), found.drop_ins.end());
        for (auto &one : all) {
            files.push_back({.name = found.name, .path = std::move(one), .drop_ins = {}, .faults = {}});
            read_layers(path, files.back(), job_keys(), values.emplace_back(), findings);
        }
    }
};

Layers layers_of(const JobName &job)
{
    const auto path = SearchPath::standard();
    Layers layers;
    for (const auto &file : find_files(path, ""))
        if (file.name == "defaults")
            layers.add(path, file);
    for (const auto &file : find_files(path, "jobs"))
        if (file.path == job.file)
            layers.add(path, file);
    return layers;
}

json texts_to_json(const std::vector<Text> &texts)
{
    json all = json::array();
    for (const auto &text : texts)
        all.push_back(printable(text.text));
    return all;
}

json value_of(const Key &key, const Value &value)
{
    switch (key.type) {
    case KeyType::flag:
        return value.number != 0;
    case KeyType::count:
        return value.number;
    case KeyType::text:
    case KeyType::duration:
    case KeyType::path:
    case KeyType::choice:
        return value.texts.empty() ? json("") : json(printable(value.texts.front().text));
    case KeyType::program_list: {
        json all = json::array();
        for (const auto &program : value.programs)
            all.push_back(texts_to_json(program));
        return all;
    }
    default:
        return texts_to_json(value.texts);
    }
}

/// "/etc/igotchuu/jobs/home.toml:3"; a default has none.
std::string origin_of(const Place &place)
{
    return place.file.empty() ? "default" : std::format("{}:{}", printable(place.file), place.line);
}

struct Line {
    std::string key;
    json value;
    std::string origin;
};

/// Tables of systemd's keys are merged key by key.
std::string origin_of(const Layers &layers, std::string_view section, const std::string &setting)
{
    for (const auto &values : layers.values | std::views::reverse)
        if (const auto found = values.find(section);
            found != values.end() && std::ranges::contains(found->second.settings, setting, &Setting::key))
            return origin_of(found->second.place);
    return origin_of(Place{});
}

/// In the order of the manual page.
std::vector<Line> lines_of(const Layers &layers)
{
    auto values = standard_values(job_keys());
    for (const auto &above : layers.values)
        overlay(values, above);
    std::vector<Line> lines;
    for (const auto &key : job_keys()) {
        const auto found = values.find(key.name);
        if (found == values.end())
            continue;
        if (key.type != KeyType::unit_section)
            lines.push_back({std::string{key.name}, value_of(key, found->second), origin_of(found->second.place)});
        for (const auto &[name, texts] : found->second.settings) {
            json all = json::array();
            for (const auto &text : texts)
                all.push_back(printable(text));
            lines.push_back({std::format("{}.{}", key.name, printable(name)), all.size() == 1 ? all.front() : all,
                             origin_of(layers, key.name, name)});
        }
    }
    return lines;
}

/// A job without a file has the source that its name spells.
void add_implicit_source(std::vector<Line> &lines, const JobName &job)
{
    if (job.file.empty())
        lines.insert(lines.begin(),
                     {"sources", json::array({printable(load_job(SearchPath::standard(), job.instance).sources.front())}),
                      "the name of the job"});
}

void print(const std::vector<Line> &lines)
{
    const Screen screen{STDOUT_FILENO};
    Table table;
    for (const auto &[key, value, origin] : lines)
        table.row({{std::format("{} = {}", key, value.dump())}, {"# " + origin, Tone::heading}});
    for (const auto &line : table.lines(screen))
        std::cout << line << '\n';
}

void print_json(const JobName &job, const std::vector<Line> &lines)
{
    json settings = json::array();
    for (const auto &[key, value, origin] : lines)
        settings.push_back({{"key", key}, {"value", value}, {"from", origin}});
    std::cout << json{{"schema", 1}, {"name", printable(job.name)}, {"settings", std::move(settings)}}.dump() << '\n';
}

} // namespace

int show_job(const ShowRequest &request)
{
    const auto job = job_called(SearchPath::standard(), request.job);
    const auto layers = layers_of(job);
    auto lines = lines_of(layers);
    add_implicit_source(lines, job);
    if (request.json)
        print_json(job, lines);
    else
        print(lines);
    for (const auto &fault : layers.findings.faults)
        std::cerr << to_string(fault) << '\n';
    return static_cast<int>(layers.findings.faults.empty() ? ExitStatus::success : ExitStatus::bad_configuration);
}

} // namespace igotchuu
