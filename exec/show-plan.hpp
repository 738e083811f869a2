// SPDX-License-Identifier: MIT
#pragma once

#include "exec/judge.hpp"
#include "exec/retention-by-hand.hpp"
#include "job/job.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace igotchuu
{

/// What the rules of a job come to in one repository, for a person: lines, all of them printable. What stays is only in those of ByHand::explain.
[[nodiscard]] std::string text_of(const Job &job, const std::string &repository, const restic::Plan &plan, const Verdict &verdict,
                                  ByHand what);

/// The same, all of it, as a member of `repositories` in JSON of igotchuu(1).
[[nodiscard]] nlohmann::ordered_json json_of(const Job &job, const std::string &repository, const restic::Plan &plan,
                                             const Verdict &verdict);
/// And one of which there is no plan.
[[nodiscard]] nlohmann::ordered_json json_of_none(const std::string &repository, const std::string &why);

} // namespace igotchuu
