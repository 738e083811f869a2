// SPDX-License-Identifier: MIT
#include "cli/files/json-schema.hpp"

#include "cli/verbs.hpp"
#include "job/exit-status.hpp"

#include <nlohmann/json.hpp>

#include <iostream>
#include <utility>

namespace igotchuu
{

namespace
{

using json = nlohmann::ordered_json;

json list_of(json items)
{
    return {{"type", "array"}, {"items", std::move(items)}};
}

/// One of systemd's own keys may have several lines, and numbers and flags are written as they are.
json unit_section()
{
    return {{"type", "object"}, {"additionalProperties", {{"type", json::array({"string", "integer", "boolean", "array"})}}}};
}

json path()
{
    return {{"type", "string"}, {"pattern", "^/"}};
}

json type_of(const Key &key)
{
    const json text{{"type", "string"}};
    json choices = json::array();
    for (const auto choice : key.choices)
        choices.push_back(choice);
    switch (key.type) {
    case KeyType::text:
    case KeyType::duration:
        return text;
    case KeyType::flag:
        return {{"type", "boolean"}};
    case KeyType::count:
        return {{"type", "integer"}, {"minimum", key.least}, {"maximum", key.most}};
    case KeyType::text_list:
    case KeyType::name_list:
        return list_of(text);
    case KeyType::program_list:
        return list_of(list_of(text));
    case KeyType::path:
        return path();
    case KeyType::path_list:
        return list_of(path());
    case KeyType::choice:
        return {{"enum", choices}};
    case KeyType::choice_list:
        return list_of({{"enum", choices}});
    case KeyType::unit_section:
        return unit_section();
    case KeyType::switched_section: {
        auto section = unit_section();
        section["type"] = json::array({"object", "boolean"});
        return section;
    }
    case KeyType::variables:
        return {{"type", "object"}};
    }
    std::unreachable();
}

/// The table that a key with a dot in its name stands in; made at its first key.
json &table_of(json &schema, std::string_view &name)
{
    auto *at = &schema;
    for (auto dot = name.find('.'); dot != name.npos; dot = name.find('.')) {
        auto &table = (*at)["properties"][std::string{name.substr(0, dot)}];
        if (table.is_null())
            table = {{"type", "object"}, {"additionalProperties", false}};
        at = &table;
        name.remove_prefix(dot + 1);
    }
    return *at;
}

} // namespace

std::string json_schema(std::string_view title, std::span<const Key> keys)
{
    json schema{{"$schema", "http://json-schema.org/draft-07/schema#"},
                {"title", title},
                {"type", "object"},
                {"properties", json::object()},
                {"additionalProperties", false}};
    for (const auto &key : keys) {
        auto name = key.name;
        auto &table = table_of(schema, name);
        auto type = type_of(key);
        type["description"] = key.line;
        table["properties"][std::string{name}] = std::move(type);
        if (key.required)
            table["required"].push_back(name);
    }
    return schema.dump(2);
}

int print_schema(const std::string &kind)
{
    const auto keys = kind == "repository" ? repository_keys() : kind == "notify" ? notify_keys() : job_keys();
    std::cout << json_schema("igotchuu: " + kind, keys) << '\n';
    return static_cast<int>(ExitStatus::success);
}

} // namespace igotchuu
