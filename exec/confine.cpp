// SPDX-License-Identifier: MIT
#include "exec/confine.hpp"

#include <format>

namespace igotchuu
{

std::vector<std::string> confined(const std::string &setpriv, const std::optional<Owner> &as)
{
    std::vector<std::string> prefix{
        setpriv,
        "--no-new-privs",
        "--inh-caps=-all,+dac_read_search",
        "--ambient-caps=-all,+dac_read_search",
        "--bounding-set=-all,+dac_read_search",
        "--securebits=+noroot,+noroot_locked", // else uid 0 gets the whole bounding set at each exec
        "--pdeathsig=INT", // by hand no cgroup ends restic when we are killed
    };
    if (as) {
        prefix.push_back(std::format("--euid={}", as->user)); // not the real one: we could not signal it without CAP_KILL
        prefix.push_back(std::format("--regid={}", as->group));
        prefix.emplace_back("--clear-groups");
    }
    return prefix;
}

} // namespace igotchuu
