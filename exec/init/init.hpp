// SPDX-License-Identifier: MIT
#pragma once

#include "exec/init/recipient.hpp"
#include "exec/stop.hpp"
#include "job/exit-status.hpp"
#include "job/job.hpp"

#include <string>
#include <string_view>

namespace igotchuu
{

/// Which recovery key a repository is to have.
enum class RecoveryKeyChoice {
    one, ///< the one that is there, or a first one
    anew, ///< a new one in the place of those that are there
};

/// A repository with two keys: makes what is missing of the repository, of its working key and of its recovery key, proves that the recovery key opens it, and has that
/// shown to a person, once. Only then the working key is put where backups find it, and an older recovery key removed. What failed is taken back, or named. Throws
/// Failure, Cancelled, NotNow; all that is said on the way goes to standard error.
void init(const Repository &repository, const std::string &instance, RecoveryKeyChoice choice, const StopRequest &stop);

/// Writes down that somebody has the recovery key, when `typed` is one that opens the repository. Throws as init().
void confirm_recovery_key(const Repository &repository, const std::string &instance, std::string_view typed,
                          const StopRequest &stop);

} // namespace igotchuu
