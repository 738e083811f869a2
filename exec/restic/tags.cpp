// SPDX-License-Identifier: MIT
#include "exec/restic/tags.hpp"

#include "job/error.hpp"

#include <array>
#include <systemd/sd-id128.h>

namespace igotchuu::restic
{

namespace
{

/// It never changes: with another one nothing that was backed up before would be known as ours.
constexpr sd_id128_t application = SD_ID128_MAKE(d5, a4, c2, 2f, e9, 72, 42, cf, a4, 21, 08, 37, dc, 5c, 68, 9e);

} // namespace

std::vector<std::string> own_tags(const std::string &instance)
{
    std::vector<std::string> tags{"igotchuu-job=" + instance}; // a name may have a comma, which restic takes for the end of the tag
    sd_id128_t machine;
    std::array<char, SD_ID128_STRING_MAX> text{};
    if (sd_id128_get_machine_app_specific(application, &machine) >= 0)
        tags.push_back(std::string{"igotchuu-machine="} + sd_id128_to_string(machine, text.data()));
    return tags;
}

std::vector<std::string> certain_tags(const std::string &instance)
{
    auto tags = own_tags(instance);
    if (tags.size() < 2)
        throw Failure{"this machine has no id by which its snapshots could be told from those of others (see machine-id(5))"};
    return tags;
}

} // namespace igotchuu::restic
