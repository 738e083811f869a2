// SPDX-License-Identifier: MIT
#pragma once

#include "exec/stop.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace igotchuu::retrieve
{

using json = nlohmann::ordered_json;

/// The program that has started us and shows to a person what comes of it: objects of JSON, one a line, by a pipe on our standard input and one on our standard
/// output. igotchuu-exec(8), "RETRIEVE".
class Conversation
{
public:
    /// Throws Failure where nobody is at the other end.
    explicit Conversation(const StopRequest &stop);
    Conversation(const Conversation &) = delete;
    Conversation &operator=(const Conversation &) = delete;

    /// Throws std::system_error when the other end has gone.
    void say(const json &message);
    /// The next object. Nothing: the other end has gone, what it said is none, or we were asked to stop.
    [[nodiscard]] std::optional<json> hear();
    [[nodiscard]] bool is_over() const; ///< the other end has gone

private:
    const StopRequest &stop_;
    std::string heard_; ///< and not yet a line; may hold a password
};

} // namespace igotchuu::retrieve
