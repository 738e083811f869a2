// SPDX-License-Identifier: MIT
#pragma once

#include "exec/mount-tree.hpp"

namespace igotchuu
{

/// A /dev of this namespace with null, zero, full, random and urandom in it, and nothing else, for as long as this object lives: restic runs as
/// root, who owns the nodes of the disks, and the unit needs those for mounting. Throws std::system_error.
class FewDevices
{
public:
    FewDevices();
    FewDevices(const FewDevices &) = delete;
    FewDevices &operator=(const FewDevices &) = delete;

private:
    AttachedMount directory_;
};

} // namespace igotchuu
