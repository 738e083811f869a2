// SPDX-License-Identifier: MIT
#pragma once

#include "job/job.hpp"
#include "job/state.hpp"

#include <optional>
#include <string>
#include <vector>

namespace igotchuu
{

/// Old snapshots of a job that stay in a repository against its rules, or could not be removed.
struct HeldThere {
    std::string job;
    Retention retention;
};

/// An instant of a job that a repository has to get when it comes.
struct AwaitedThere {
    std::string job;
    KeptInstant instant;
    Wanting wanting;
};

/// How it is with a repository.
struct RepositoryStanding {
    Repository repository{};
    std::optional<RepositoryRecord> record{}; ///< nothing: neither an init nor a maintenance has left one
    std::vector<HeldThere> held{};
    std::vector<AwaitedThere> awaited{};
    std::vector<std::string> unseen{}; ///< why it is not known what else it has to get: sentences
};

/// One object on one line; igotchuu(1) "JSON" describes it.
[[nodiscard]] std::string to_json(const std::vector<RepositoryStanding> &repositories);

} // namespace igotchuu
