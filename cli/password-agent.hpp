// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

namespace igotchuu
{

/// As long as it lives, polkit asks for passwords on this terminal, by pkttyagent(1): where nobody else does, as on a desktop. For root, without a terminal and
/// without that program it does nothing.
class PasswordAgent
{
public:
    PasswordAgent(); ///< returns when it is there
    ~PasswordAgent();
    PasswordAgent(const PasswordAgent &) = delete;
    PasswordAgent &operator=(const PasswordAgent &) = delete;

private:
    pid_t process_ = -1;
};

} // namespace igotchuu
