// SPDX-License-Identifier: MIT
#include "exec/retrieve/verbs.hpp"

#include <format>

namespace igotchuu::retrieve
{

void say_snapshots(Session &session, const json & /*request*/)
{
    session.each([&](Place &place) {
        for (const auto &snapshot : place.snapshots())
            session.conversation().say({{"message", "snapshot"},
                                        {"repository", place.name()},
                                        {"id", snapshot.id},
                                        {"time", std::format("{:%FT%TZ}", snapshot.time)},
                                        {"host", snapshot.host},
                                        {"tags", snapshot.tags},
                                        {"paths", snapshot.paths},
                                        {"files", snapshot.files},
                                        {"bytes", snapshot.bytes}});
    });
}

} // namespace igotchuu::retrieve
