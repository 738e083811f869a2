// SPDX-License-Identifier: MIT
#include "exec/retrieve/conversation.hpp"

#include <poll.h>
#include <string.h>
#include <unistd.h>
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

bool Conversation::is_over() const
{
    pollfd polled{STDIN_FILENO, 0, 0}; // that it was hung up is always told
    return poll(&polled, 1, 0) > 0 && (polled.revents & POLLHUP);
}

} // namespace igotchuu::retrieve
