// SPDX-License-Identifier: MIT
#pragma once

#include "cli/retrieve/json-list.hpp"
#include "cli/retrieve/retrieval.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <optional>
#include <string_view>

namespace igotchuu
{

/// The many things that come of a retrieval, shown as they come: for a person, or as a list in one line of JSON.
class Listing
{
public:
    struct As {
        std::string_view name; ///< of the list
        bool json; ///< else `show` is called with each
        std::function<void(const nlohmann::json &element)> show;
    };
    explicit Listing(As as);
    void add(nlohmann::json message);
    /// Waits for the end, and returns the exit status. JSON ends with `others`, and the troubles.
    [[nodiscard]] int end(Retrieval &retrieval, const nlohmann::json &others);

private:
    As as_;
    std::optional<JsonList> list_;
};

} // namespace igotchuu
