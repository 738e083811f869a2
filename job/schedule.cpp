// SPDX-License-Identifier: MIT
#include "job/schedule.hpp"

#include <algorithm>

namespace igotchuu
{

bool has_schedule(const std::vector<UnitSetting> &timer)
{
    return std::ranges::any_of(timer, [](const UnitSetting &setting) { return setting.key.starts_with("On"); });
}

bool only_goes_on(const std::vector<UnitSetting> &timer)
{
    return has_schedule(timer) && std::ranges::all_of(timer, [](const UnitSetting &setting) {
               return setting.key.starts_with("OnUnit") || !setting.key.starts_with("On");
           });
}

} // namespace igotchuu
