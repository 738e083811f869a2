// SPDX-License-Identifier: MIT
#include "exec/confine.hpp"

#include <algorithm>
#include <format>

namespace igotchuu
{

std::vector<std::string> limited_to(const std::string &setpriv, const std::string &capabilities)
{
    if (capabilities.empty())
        return {};
    return {
        setpriv,
        "--no-new-privs",
        "--inh-caps=" + capabilities,
        "--ambient-caps=" + capabilities,
        "--bounding-set=" + capabilities,
        "--securebits=+noroot,+noroot_locked", // else uid 0 gets the whole bounding set at each exec
        "--pdeathsig=INT", // by hand no cgroup ends it when we are killed
    };
}

std::vector<std::string> confined(const std::string &setpriv, const std::optional<Owner> &as)
{
    auto prefix = limited_to(setpriv, "-all,+dac_read_search");
    if (as) {
        prefix.push_back(std::format("--euid={}", as->user)); // not the real one: we could not signal it without CAP_KILL
        prefix.push_back(std::format("--regid={}", as->group));
        prefix.emplace_back("--clear-groups");
    }
    return prefix;
}

std::vector<std::string> confined_to_restore(const std::string &setpriv, Restored restored)
{
    if (restored == Restored::for_a_person) // to give a file away would be to lose the right to set its mode
        return confined(setpriv, {});
    return limited_to(setpriv, "-all,+chown,+dac_override,+dac_read_search,+fowner,+fsetid,+mknod,+setfcap");
}

} // namespace igotchuu
