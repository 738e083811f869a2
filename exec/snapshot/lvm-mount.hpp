// SPDX-License-Identifier: MIT
#pragma once

#include "exec/snapshot/private-mount.hpp"

#include <string>

#include <sys/types.h>

namespace igotchuu::lvm
{

/// The snapshot `name`, active as `device` with a file system of the type `type`, mounted read-only on the new directory `place`, as it is: nothing is recovered.
/// Throws std::system_error, and Failure when the device is another's by now.
[[nodiscard]] PrivateMount mount_device(const std::string &type, dev_t device, const std::string &name, std::string place);

} // namespace igotchuu::lvm
