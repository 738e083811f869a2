// SPDX-License-Identifier: MIT
#include "cli/control.hpp"
#include "cli/lookout.hpp"
#include "cli/program.hpp"
#include "cli/verbs.hpp"
#include "job/diagnostic.hpp"
#include "job/unit-name.hpp"

#include <format>

namespace igotchuu
{

int show_log(const LogRequest &request)
{
    const auto job = jobs_called({request.job}).front();
    std::vector<std::string> words{IGOTCHUU_JOURNALCTL, "--catalog"};
    if (request.follow)
        words.emplace_back("--follow");
    if (request.all) {
        words.push_back("--unit=" + service_of(job.instance));
        become_program(words);
    }
    Lookout lookout;
    const auto standing = lookout.of({job}).front();
    const auto run = standing.activity ? standing.activity->invocation_id : standing.invocation_id;
    if (run.empty() && !standing.past_is_known && !lookout.blind_spots().empty())
        throw Failure{lookout.blind_spots().back()};
    if (run.empty())
        throw Failure{std::format("job {} has not run yet", printable(job.name))};
    // What igotchuu says bears the run's id; what its unit says, and systemd of it, that of the invocation: the same.
    for (const auto *const field : {"IGOTCHUU_INVOCATION", "+", "_SYSTEMD_INVOCATION_ID", "+", "INVOCATION_ID"})
        words.push_back(*field == '+' ? field : std::format("{}={}", field, run));
    become_program(words);
}

} // namespace igotchuu
