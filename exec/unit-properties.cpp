// SPDX-License-Identifier: MIT
#include "exec/unit-properties.hpp"

#include "exec/programs.hpp"
#include "exec/tool.hpp"

#include <ranges>
#include <string_view>

namespace igotchuu
{

std::map<std::string, std::string> unit_properties(const std::string &unit, const std::string &names)
{
    std::map<std::string, std::string> properties;
    const auto said =
        output_of({.arguments = {programs::systemctl, "show", "--property=" + names, "--", unit}, .capabilities = {}});
    for (const auto line : said | std::views::split('\n')) {
        const std::string text{std::string_view{line}};
        const auto equals = text.find('=');
        if (equals != text.npos)
            properties[text.substr(0, equals)] = text.substr(equals + 1);
    }
    return properties;
}

} // namespace igotchuu
