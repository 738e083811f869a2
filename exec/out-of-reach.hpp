// SPDX-License-Identifier: MIT
#pragma once

#include "exec/mount-tree.hpp"

#include <string>
#include <vector>

namespace igotchuu
{

/// Sockets by which root has others act as root, hidden in this namespace for as long as this object lives: those of systemd (but for the one that
/// takes a service's status), the bus, container engines. restic runs as root, without a capability, and they do not ask for one.
class OutOfReach
{
public:
    OutOfReach(); ///< throws std::system_error
    OutOfReach(const OutOfReach &) = delete;
    OutOfReach &operator=(const OutOfReach &) = delete;

private:
    void hide(const std::string &path);

    std::vector<AttachedMount> mounts_;
};

} // namespace igotchuu
