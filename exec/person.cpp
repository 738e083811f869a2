// SPDX-License-Identifier: MIT
#include "exec/person.hpp"

#include "job/diagnostic.hpp"
#include "job/error.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <format>
#include <grp.h>
#include <pwd.h>
#include <sys/fsuid.h>
#include <unistd.h>

namespace igotchuu
{

Person person_called(const std::string &name)
{
    errno = 0;
    const auto *const entry = getpwnam(name.c_str());
    if (entry == nullptr && errno != 0 && errno != ENOENT)
        fail(errno, "cannot look for the user {}", printable(name));
    if (entry == nullptr)
        throw Failure{std::format("there is no user {} on this machine", printable(name))};
    Person person{.name = name, .user = entry->pw_uid, .group = entry->pw_gid, .groups = std::vector<gid_t>(64)};
    for (;;) {
        auto count = static_cast<int>(person.groups.size());
        const bool fits = getgrouplist(name.c_str(), person.group, person.groups.data(), &count) >= 0;
        person.groups.resize(static_cast<std::size_t>(count));
        if (fits)
            return person;
    }
}

std::string name_of_user(uid_t user)
{
    const auto *const entry = getpwuid(user);
    return entry == nullptr ? std::string{} : std::string{entry->pw_name};
}

RightsOf::RightsOf(const std::optional<Person> &person)
{
    if (!person)
        return;
    before_.resize(static_cast<std::size_t>(std::max(0, getgroups(0, nullptr))));
    if (getgroups(static_cast<int>(before_.size()), before_.data()) < 0)
        fail(errno, "cannot ask for our groups");
    changed_ = true;
    const bool has_groups = setgroups(person->groups.size(), person->groups.data()) == 0;
    const int error = errno;
    setfsgid(person->group);
    setfsuid(person->user);
    if (has_groups && setfsuid(static_cast<uid_t>(-1)) == static_cast<int>(person->user) &&
        setfsgid(static_cast<gid_t>(-1)) == static_cast<int>(person->group))
        return;
    take_back();
    fail(has_groups ? EPERM : error, "cannot work with the rights of {}", printable(person->name));
}

RightsOf::~RightsOf()
{
    if (changed_)
        take_back();
}

/// To go on with the rights of somebody else, or with root's where they were not to be used, is worse than to end.
void RightsOf::take_back() noexcept
{
    setfsuid(geteuid());
    setfsgid(getegid());
    if (setgroups(before_.size(), before_.data()) < 0)
        std::abort();
}

} // namespace igotchuu
