// SPDX-License-Identifier: MIT
#include "exec/retrieve/messages.hpp"

#include "job/diagnostic.hpp"

#include <format>

namespace igotchuu::retrieve
{

json message_of(const std::string &repository, const restic::Stored &snapshot)
{
    return {{"message", "snapshot"},   {"repository", repository},
            {"id", snapshot.id},       {"time", std::format("{:%FT%TZ}", snapshot.time)},
            {"host", snapshot.host},   {"tags", snapshot.tags},
            {"paths", snapshot.paths}, {"files", snapshot.files},
            {"bytes", snapshot.bytes}};
}

json message_of(const restic::Node &node)
{
    json message{{"message", "entry"}, {"path", node.path},        {"type", node.type}, {"mode", node.mode},
                 {"uid", node.uid},    {"gid", node.gid},          {"user", node.user}, {"group", node.group},
                 {"size", node.size},  {"modified", node.modified}};
    if (node.type == "symlink")
        message["target"] = node.target;
    return message;
}

} // namespace igotchuu::retrieve
