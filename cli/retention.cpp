// SPDX-License-Identifier: MIT
#include "cli/control.hpp"
#include "cli/program.hpp"
#include "cli/verbs.hpp"

namespace igotchuu
{

int show_retention(const RetentionRequest &request)
{
    const auto job = jobs_called({request.job}).front();
    std::vector<std::string> words{IGOTCHUU_EXEC, "retention"};
    if (request.explain)
        words.emplace_back("--explain");
    if (request.json)
        words.emplace_back("--json");
    if (request.confirm)
        words.emplace_back("--confirm");
    words.push_back(job.instance);
    become_program(words);
}

} // namespace igotchuu
