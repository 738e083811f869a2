// SPDX-License-Identifier: MIT
#pragma once

#include "exec/person.hpp"
#include "exec/retrieve/conversation.hpp"
#include "exec/retrieve/plan.hpp"

#include <optional>
#include <string>
#include <vector>

namespace igotchuu::retrieve
{

/// What a person wants back.
struct Order {
    std::vector<std::string> paths; ///< absolute; none lies below another
    std::string to; ///< absolute; empty: to where they were
    std::optional<Person> as;
    Overwrite overwrite = Overwrite::older;
    bool dry_run = false;
    bool confirmed = false; ///< whatever the plan is
};

/// Throws Failure.
[[nodiscard]] Order order_of(const json &request);

} // namespace igotchuu::retrieve
