// SPDX-License-Identifier: MIT
#include "cli/migrate/section.hpp"

#include "job/toml-scan.hpp"

#include <nlohmann/json.hpp>
#include <toml++/toml.hpp>

#include <algorithm>
#include <format>

namespace igotchuu::migrate
{

namespace
{

Place place_of(std::string_view file, const toml::source_region &region)
{
    return {file, region.begin.line, region.begin.column};
}

Members members_of(std::string_view file, const toml::table &table);

Item item_of(std::string_view file, const toml::node &node)
{
    Item item{.place = place_of(file, node.source()), .value = {}};
    if (const auto *const table = node.as_table())
        item.value = members_of(file, *table);
    else if (const auto *const text = node.as_string())
        item.value = text->get();
    else if (const auto *const number = node.as_integer())
        item.value = number->get();
    else if (const auto *const fraction = node.as_floating_point())
        item.value = fraction->get();
    else if (const auto *const flag = node.as_boolean())
        item.value = flag->get();
    else if (const auto *const array = node.as_array()) {
        List list;
        for (const auto &element : *array)
            list.push_back(item_of(file, element));
        item.value = std::move(list);
    } else // a date or a time, which no key of these files has
        item.value = 0.0;
    return item;
}

/// In the order of the file; toml++ sorts them by name.
Members members_of(std::string_view file, const toml::table &table)
{
    Members members;
    for (const auto &[key, node] : table)
        members.push_back({std::string{key.str()}, place_of(file, key.source()), item_of(file, node)});
    std::ranges::stable_sort(members, {}, [](const Member &member) { return std::pair{member.place.line, member.place.column}; });
    return members;
}

using json = nlohmann::ordered_json;

Item item_of(std::string_view file, const json &node)
{
    Item item{.place = {file}, .value = 0.0};
    if (node.is_string())
        item.value = node.get<std::string>();
    else if (node.is_boolean())
        item.value = node.get<bool>();
    else if (node.is_number_integer())
        item.value = node.get<std::int64_t>();
    else if (node.is_number())
        item.value = node.get<double>();
    else if (node.is_array()) {
        List list;
        for (const auto &element : node)
            list.push_back(item_of(file, element));
        item.value = std::move(list);
    } else if (node.is_object()) {
        Members members;
        for (const auto &[key, value] : node.items())
            if (!value.is_null()) // as if it were not there
                members.push_back({key, {file}, item_of(file, value)});
        item.value = std::move(members);
    }
    return item;
}

/// Of the byte that a parser stopped at, which it counts from 1.
Place place_of_byte(std::string_view file, std::string_view text, std::size_t byte)
{
    const auto before = text.substr(0, byte == 0 ? 0 : byte - 1);
    const auto line = before.substr(before.rfind('\n') + 1); // npos + 1 is 0
    return {file, static_cast<std::uint32_t>(std::ranges::count(before, '\n') + 1), static_cast<std::uint32_t>(line.size() + 1)};
}

Members read_json(std::string_view file, std::string_view text, Findings &findings)
try {
    auto item = item_of(file, json::parse(text));
    return std::get<Members>(std::move(item.value)); // it begins with "{"
} catch (const json::parse_error &error) {
    const std::string_view what = error.what(); // "[…] parse error at line 3, column 5: WHY"
    const auto colon = what.find(": ");
    findings.faults.push_back(place_of_byte(file, text, error.byte)
                                  .says(std::format("is no JSON: {}", colon == what.npos ? what : what.substr(colon + 2))));
    return {};
}

Members read_toml(std::string_view file, std::string_view text, Findings &findings)
try {
    return members_of(file, toml::parse(text));
} catch (const toml::parse_error &error) {
    findings.faults.push_back(place_of(file, error.source()).says(std::string{error.description()}));
    return {};
}

} // namespace

const Member *Section::find(std::string_view key) const
{
    const auto found = std::ranges::find(members_, key, &Member::key);
    return found == members_.end() ? nullptr : &*found;
}

std::string Section::full(std::string_view key) const
{
    return name_.empty() ? std::string{key} : std::format("{}.{}", name_, key);
}

void Section::fault(const Member &member, std::string_view why) const
{
    findings_->faults.push_back(member.place.says(std::format("{}: {}", full(member.key), why)));
}

void Section::say(const Member &member, std::string_view what) const
{
    findings_->warnings.push_back(member.place.says(std::format("{}: {}", full(member.key), what)));
}

std::optional<Member> Section::take(std::string_view key)
{
    const auto found = std::ranges::find(members_, key, &Member::key);
    if (found == members_.end())
        return {};
    auto member = std::move(*found);
    members_.erase(found);
    return member;
}

std::optional<Text> Section::text(std::string_view key)
{
    const auto member = take(key);
    if (!member)
        return {};
    auto text = scalar(member->item);
    if (!text) {
        fault(*member, "a text is needed here");
        return {};
    }
    return Text{*std::move(text), member->item.place};
}

std::vector<Text> Section::texts(std::string_view key)
{
    std::vector<Text> texts;
    const auto member = take(key);
    if (!member)
        return texts;
    const auto *const list = std::get_if<List>(&member->item.value);
    for (const auto &item : list ? *list : List{member->item}) {
        if (auto text = scalar(item))
            texts.push_back({*std::move(text), item.place});
        else
            fault(*member, "texts are needed here, a list of them or one");
    }
    return texts;
}

std::optional<bool> Section::flag(std::string_view key)
{
    const auto member = take(key);
    if (!member)
        return {};
    if (const auto *const flag = std::get_if<bool>(&member->item.value))
        return *flag;
    fault(*member, "true or false is needed here");
    return {};
}

Section Section::section(std::string_view key)
{
    auto member = take(key);
    if (!member)
        return {full(key), {}, *findings_};
    if (auto *const members = std::get_if<Members>(&member->item.value))
        return {full(key), std::move(*members), *findings_};
    fault(*member, "a table is needed here");
    return {full(key), {}, *findings_};
}

void Section::leave_out(std::string_view key, std::string_view why)
{
    if (const auto member = take(key))
        say(*member, std::format("left out: {}", why));
}

void Section::leave_out_rest(std::string_view why)
{
    while (!members_.empty())
        leave_out(std::string{members_.front().key}, why);
}

std::optional<std::string> scalar(const Item &item)
{
    if (const auto *const text = std::get_if<std::string>(&item.value))
        return *text;
    if (const auto *const number = std::get_if<std::int64_t>(&item.value))
        return std::to_string(*number);
    return {};
}

Members merged(Members below, const Members &above)
{
    for (const auto &member : above) {
        const auto same = std::ranges::find(below, member.key, &Member::key);
        if (same == below.end()) {
            below.push_back(member);
            continue;
        }
        const auto *const over = std::get_if<Members>(&member.item.value);
        auto *const under = std::get_if<Members>(&same->item.value);
        if (over && under)
            *under = merged(std::move(*under), *over);
        else
            *same = member;
    }
    return below;
}

Members read_tables(std::string_view file, std::string_view text, Findings &findings)
{
    if (const auto excess = find_excess(text)) {
        findings.faults.push_back(Place{file, excess->line, excess->column}.says(excess->message));
        return {};
    }
    const auto first = text.find_first_not_of(" \t\r\n");
    return first != text.npos && text[first] == '{' ? read_json(file, text, findings) : read_toml(file, text, findings);
}

} // namespace igotchuu::migrate
