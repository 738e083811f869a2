// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace igotchuu
{

/// A private mount namespace, whose mounts the host never sees and whose tree is a slave of the host's: what the host unmounts goes here as
/// well. Inside a unit whose sandbox forbids a new one (RestrictNamespaces=) the unit's own serves. mount_namespaces(7).
/// Call it before anything is opened: descriptors from before cannot be mounted from. Throws with the remedy when there is no CAP_SYS_ADMIN.
void enter_private_namespace();

/// A root-owned tmpfs of this namespace, 0700, for mounts that nobody sees by path; unmounted lazily with all that lies on it.
class Scratch
{
public:
    Scratch(); ///< on /run/igotchuu/scratch, which exists
    ~Scratch();
    Scratch(const Scratch &) = delete;
    Scratch &operator=(const Scratch &) = delete;
    [[nodiscard]] const std::string &path() const noexcept { return path_; }

private:
    std::string path_;
};

} // namespace igotchuu
