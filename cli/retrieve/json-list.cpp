// SPDX-License-Identifier: MIT
#include "cli/retrieve/json-list.hpp"

#include <iostream>
#include <utility>

namespace igotchuu
{

JsonList::JsonList(std::string_view name)
{
    std::cout << "{\"schema\":1,\"" << name << "\":[";
}

void JsonList::add(const nlohmann::json &element)
{
    std::cout << (std::exchange(any_, true) ? "," : "") << element.dump();
}

void JsonList::end(const nlohmann::json &others)
{
    std::cout << ']';
    for (const auto &[name, value] : others.items())
        std::cout << ',' << nlohmann::json(name).dump() << ':' << value.dump();
    std::cout << "}\n";
}

} // namespace igotchuu
