// SPDX-License-Identifier: MIT
#pragma once

#include "exec/other-end.hpp"

#include <nlohmann/json.hpp>

#include <optional>

namespace igotchuu::retrieve
{

using json = nlohmann::ordered_json;

/// With the program that shows to a person what comes of it: objects of JSON, one a line. igotchuu-exec(8), "RETRIEVE".
class Conversation
{
public:
    /// Throws Failure where nobody is at the other end.
    explicit Conversation(const StopRequest &stop);

    /// Throws std::system_error when the other end has gone.
    void say(const json &message);
    /// The next object. Nothing: the other end has gone, what it said is none, or we were asked to stop.
    [[nodiscard]] std::optional<json> hear();
    [[nodiscard]] bool is_over() const; ///< the other end has gone

private:
    OtherEnd program_;
};

} // namespace igotchuu::retrieve
