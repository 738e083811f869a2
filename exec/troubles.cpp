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
constexpr int looks_max = 10; // that end while somebody is told of the first of them

std::istringstream looks_of(const std::string &cache, const std::string &instance)
{
    return std::istringstream{read_cached(cache, directory, instance).value_or("")};
}

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
    text += '\n';
    auto before = looks_of(cache, instance);
    std::string look;
    for (int looks = 1; looks < looks_max && std::getline(before, look); ++looks)
        text += look + '\n';
    write_cached(cache, directory, instance, text);
}

bool found_trouble(const std::string &cache, const std::string &instance)
{
    auto looks = looks_of(cache, instance);
    std::string look;
    return std::getline(looks, look) && look.contains(' ');
}

std::vector<std::string> troubles_of(const std::string &cache, const std::string &instance, const std::string &invocation_id)
{
    auto looks = looks_of(cache, instance);
    for (std::string look; std::getline(looks, look);) {
        std::istringstream words{look};
        std::string word;
        if (!(words >> word) || word != invocation_id)
            continue;
        std::vector<std::string> troubles;
        while (words >> word)
            troubles.push_back(word);
        return troubles;
    }
    return {};
}

} // namespace igotchuu
