// SPDX-License-Identifier: MIT
#include "cli/toml-text.hpp"

#include <nlohmann/json.hpp>

namespace igotchuu
{

std::string toml_text(const std::string &text)
{
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
