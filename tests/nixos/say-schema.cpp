// SPDX-License-Identifier: MIT
// Every key of job/schema.hpp as JSON: what nixos-module/schema.json has to be, of which the module makes its options.
#include "job/schema.hpp"

#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <utility>

namespace
{

using namespace igotchuu;
using Json = nlohmann::ordered_json;

const char *word(KeyType type)
{
    switch (type) {
    case KeyType::text:
        return "text";
    case KeyType::flag:
        return "flag";
    case KeyType::count:
        return "count";
    case KeyType::text_list:
        return "text-list";
    case KeyType::program_list:
        return "program-list";
    case KeyType::duration:
        return "duration";
    case KeyType::path:
        return "path";
    case KeyType::path_list:
        return "path-list";
    case KeyType::name_list:
        return "name-list";
    case KeyType::choice:
        return "choice";
    case KeyType::choice_list:
        return "choice-list";
    case KeyType::unit_section:
        return "unit-section";
    case KeyType::switched_section:
        return "switched-section";
    case KeyType::variables:
        return "variables";
    }
    std::unreachable();
}

Json description(const Key &key)
{
    Json json{{"type", word(key.type)}, {"line", key.line}};
    if (!key.standard.empty())
        json["standard"] = key.standard;
    if (key.type == KeyType::count)
        json.update({{"least", key.least}, {"most", key.most}});
    if (!key.choices.empty())
        json["choices"] = key.choices;
    if (key.required)
        json["required"] = true;
    return json;
}

Json all(std::span<const Key> keys)
{
    auto json = Json::object();
    for (const auto &key : keys)
        json[key.name] = description(key);
    return json;
}

} // namespace

int main()
{
    const Json schema{{"job", all(job_keys())}, {"repository", all(repository_keys())}, {"notify", all(notify_keys())}};
    std::cout << schema.dump(2) << '\n';
    return std::cout.flush() ? EXIT_SUCCESS : EXIT_FAILURE;
}
