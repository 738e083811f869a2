// SPDX-License-Identifier: MIT
#include "exec/rotation.hpp"

namespace igotchuu
{

void divide(RepositoryRecord &record, std::uint32_t parts)
{
    const auto known = record.parts_read.size();
    if ((known == parts || record.damaged) && record.next_part >= 1 && record.next_part <= known)
        return;
    record.parts_read.assign(parts, Clock::time_point{});
    record.next_part = 1;
}

void checked(RepositoryRecord &record, bool is_sound, Clock::time_point now)
{
    record.damaged = !is_sound;
    if (!is_sound)
        return;
    record.parts_read.at(record.next_part - 1) = now;
    record.next_part = record.next_part % static_cast<std::uint32_t>(record.parts_read.size()) + 1;
}

} // namespace igotchuu
