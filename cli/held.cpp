// SPDX-License-Identifier: MIT
#include "cli/held.hpp"

#include "cli/shell.hpp"
#include "job/diagnostic.hpp"

#include <format>

namespace igotchuu
{

std::string why_held(const std::string &job, const Retention &retention)
{
    if (retention.hold == Hold::none)
        return {};
    const auto name = shell_word(printable(job));
    const auto why = retention.why.empty() ? std::string{to_string(retention.hold)} : printable(retention.why, 300);
    if (!can_be_confirmed(retention.hold))
        return std::format("{} (igotchuu retention {})", why, name);
    return std::format("{}; {} would go (to look: igotchuu retention {}; to have them removed: igotchuu retention --confirm {})",
                       why, retention.planned, name, name);
}

} // namespace igotchuu
