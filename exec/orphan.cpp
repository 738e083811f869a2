// SPDX-License-Identifier: MIT
#include "exec/orphan.hpp"

#include "job/diagnostic.hpp"
#include "job/state-files.hpp"
#include "job/unit-name.hpp"

#include <format>

namespace igotchuu
{

void refuse_orphan(const Job &job)
{
    if (!job.implicit())
        return;
    if (const auto record = read_record({}, job.instance); record && !record->file.empty())
        throw ConfigError{{{.file = record->file,
                            .message = std::format(
                                "the job's file is gone. Without it, name the repository in the job's place: igotchuu restore "
                                "--repository NAME PATH. To end the job: systemctl stop {} && rm /var/lib/igotchuu/jobs/{}.json",
                                timer_of(job.instance), job.instance)}}};
}

} // namespace igotchuu
