// SPDX-License-Identifier: MIT
#pragma once

#include "cli/doctor/doctor.hpp"

/// A function a check. Each finds what will hurt in what was seen, and looks at nothing itself.
namespace igotchuu::doctor
{

using Ailments = std::vector<Ailment>;

// Of jobs: doctor-judge-jobs.cpp.
[[nodiscard]] Ailments no_job(const Seen &seen);
[[nodiscard]] Ailments broken_files(const Seen &seen);
[[nodiscard]] Ailments not_reloaded(const Seen &seen);
[[nodiscard]] Ailments unusable_sources(const Seen &seen);
[[nodiscard]] Ailments swap_files(const Seen &seen);
[[nodiscard]] Ailments other_file_systems(const Seen &seen);
[[nodiscard]] Ailments read_only_subvolumes(const Seen &seen);
[[nodiscard]] Ailments one_disk_alone(const Seen &seen);
[[nodiscard]] Ailments embedded_alone(const Seen &seen);
[[nodiscard]] Ailments runs(const Seen &seen);

// Of repositories, of what starts runs, and of the machine: doctor-judge-machine.cpp.
[[nodiscard]] Ailments recovery_keys(const Seen &seen);
[[nodiscard]] Ailments timers(const Seen &seen);
[[nodiscard]] Ailments orphans(const Seen &seen);
[[nodiscard]] Ailments quota_groups(const Seen &seen);
[[nodiscard]] Ailments space(const Seen &seen);
[[nodiscard]] Ailments clock(const Seen &seen);
[[nodiscard]] Ailments restic(const Seen &seen);
[[nodiscard]] Ailments cache(const Seen &seen);
[[nodiscard]] Ailments installation(const Seen &seen);
[[nodiscard]] Ailments other_backups(const Seen &seen);

} // namespace igotchuu::doctor
