// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace igotchuu::restic
{

/// The tags by which a snapshot is known to be the job's, and of this machine, whatever its host was called then. Two machines may send jobs of one
/// name to one repository, and one machine may get another name: a host name tells neither of them apart. The machine is a hash of machine-id(5)
/// that says nothing elsewhere. One that has no such id gets the job's tag alone: its backups are as good, but nothing of them may be forgotten.
[[nodiscard]] std::vector<std::string> own_tags(const std::string &instance);

/// The same, both of them. Throws Failure where the machine has no id.
[[nodiscard]] std::vector<std::string> certain_tags(const std::string &instance);

} // namespace igotchuu::restic
