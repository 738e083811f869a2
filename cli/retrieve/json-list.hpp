// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json.hpp>

#include <string_view>

namespace igotchuu
{

/// One object on one line of standard output, with a list in it that is printed as it comes: it may be of millions.
class JsonList
{
public:
    /// `name`: the list's.
    explicit JsonList(std::string_view name);
    void add(const nlohmann::json &element);
    /// The other members, beside "schema".
    void end(const nlohmann::json &others);

private:
    bool any_ = false;
};

} // namespace igotchuu
