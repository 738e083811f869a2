// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace igotchuu
{

/// A user of this machine, with all groups that a login has.
struct Person {
    std::string name;
    uid_t user;
    gid_t group;
    std::vector<gid_t> groups;
};

/// Throws Failure where there is none.
[[nodiscard]] Person person_called(const std::string &name);

/// Empty: there is none.
[[nodiscard]] std::string name_of_user(uid_t user);

/// While this object lives, this thread works on files with a person's rights, and without a capability of its own for them; of nobody: as it is. setfsuid(2),
/// capabilities(7) "Effect of user ID changes on capabilities".
class RightsOf
{
public:
    explicit RightsOf(const std::optional<Person> &person); ///< throws std::system_error
    ~RightsOf();
    RightsOf(const RightsOf &) = delete;
    RightsOf &operator=(const RightsOf &) = delete;

private:
    void take_back() noexcept;

    bool changed_ = false;
    std::vector<gid_t> before_;
};

} // namespace igotchuu
