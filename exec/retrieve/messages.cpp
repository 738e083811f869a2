// SPDX-License-Identifier: MIT
#include "exec/retrieve/messages.hpp"

#include "job/utf8.hpp"

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
    json message{{"message", "entry"}, {"path", listed_name(node.path)},
                 {"type", node.type},  {"mode", node.mode},
                 {"uid", node.uid},    {"gid", node.gid},
                 {"user", node.user},  {"group", node.group},
                 {"size", node.size},  {"modified", node.modified}};
    if (node.type == "symlink")
        message["target"] = listed_name(node.target);
    return message;
}

json alike_message(const std::string &repository, const std::string &path, std::size_t names)
{
    return {{"message", "alike"}, {"repository", repository}, {"path", path}, {"names", names}};
}

} // namespace igotchuu::retrieve
