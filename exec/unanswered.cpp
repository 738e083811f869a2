// SPDX-License-Identifier: MIT
#include "exec/unanswered.hpp"

#include "exec/programs.hpp"
#include "exec/tool.hpp"
#include "job/mount-table.hpp"

#include <csignal>

namespace igotchuu
{
namespace
{

constexpr std::chrono::seconds patience{10};

bool answers(const std::string &path, int stop)
{
    const auto end = run({.arguments = {programs::stat, "--format=%i", "--", path},
                          .capabilities = "-all,+dac_read_search",
                          .at_most = patience,
                          .stop = stop});
    return end.status != 128 + SIGKILL;
}

} // namespace

std::vector<Unanswered> unanswered(std::span<const std::string> paths, int stop)
{
    const MountTable mounts;
    std::vector<Unanswered> all;
    for (const auto &path : paths)
        if (const auto *const mount = mounts.named(path); mount != nullptr && is_served(*mount) && !answers(path, stop))
            all.push_back({path, mount->type});
    return all;
}

} // namespace igotchuu
