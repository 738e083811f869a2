// SPDX-License-Identifier: MIT
#include "exec/retrieve/conversation.hpp"

#include <string.h>
#include <utility>

namespace igotchuu::retrieve
{

Conversation::Conversation(const StopRequest &stop)
    : program_{stop, "nobody listens: standard output is no pipe (people type: igotchuu snapshots NAME)"}
{
}

void Conversation::say(const json &message)
{
    program_.say(message.dump(-1, ' ', false, json::error_handler_t::replace) + '\n');
}

std::optional<json> Conversation::hear()
{
    auto line = program_.hear();
    if (!line)
        return {};
    auto object = json::parse(*line, nullptr, false);
    explicit_bzero(line->data(), line->size()); // it may hold a password
    return object.is_object() ? std::optional{std::move(object)} : std::nullopt;
}

} // namespace igotchuu::retrieve
