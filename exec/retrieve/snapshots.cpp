// SPDX-License-Identifier: MIT
#include "exec/retrieve/messages.hpp"
#include "exec/retrieve/verbs.hpp"

namespace igotchuu::retrieve
{

void say_snapshots(Session &session, const json & /*request*/)
{
    session.each([&](Place &place) {
        for (const auto &snapshot : place.snapshots())
            session.conversation().say(message_of(place.name(), snapshot));
    });
}

} // namespace igotchuu::retrieve
