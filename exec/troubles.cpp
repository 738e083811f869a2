// SPDX-License-Identifier: MIT
#include "exec/troubles.hpp"

#include "exec/cached.hpp"
#include "job/unit-name.hpp"

#include <format>
#include <sstream>

namespace igotchuu
{

namespace
{

constexpr auto directory = "looks";

} // namespace

std::string trouble_with(const std::string &repository, std::string_view kind)
{
    return std::format("{}:{}", repository_instance_of(repository), kind); // no instance has a space
}

void keep_troubles(const std::string &cache, const std::string &instance, const std::string &invocation_id,
                   const std::vector<std::string> &troubles)
{
    auto text = invocation_id;
    for (const auto &trouble : troubles)
        text += ' ' + trouble;
    write_cached(cache, directory, instance, text + '\n');
}

std::vector<std::string> troubles_of(const std::string &cache, const std::string &instance, const std::string &invocation_id)
{
    std::istringstream text{read_cached(cache, directory, instance).value_or("")};
    std::string word;
    if (!(text >> word) || word != invocation_id)
        return {};
    std::vector<std::string> troubles;
    while (text >> word)
        troubles.push_back(word);
    return troubles;
}

} // namespace igotchuu
