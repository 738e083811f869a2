// SPDX-License-Identifier: MIT
#include "cli/toml-text.hpp"

#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/utf8.hpp"

#include <format>
#include <nlohmann/json.hpp>

namespace igotchuu
{

std::string toml_text(const std::string &text)
{
    if (listed_name(text) != text)
        throw Failure{std::format("{} is no UTF-8, which no file of igotchuu's may have", printable(text))};
    return nlohmann::json(text).dump(); // JSON's are TOML's, too
}

std::string toml_list(const std::vector<std::string> &texts)
{
    std::string all;
    for (const auto &text : texts)
        all += (all.empty() ? "" : ", ") + toml_text(text);
    return '[' + all + ']';
}

} // namespace igotchuu
