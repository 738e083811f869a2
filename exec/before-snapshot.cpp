// SPDX-License-Identifier: MIT
#include "exec/before-snapshot.hpp"

#include "exec/child.hpp"
#include "exec/program-words.hpp"
#include "exec/programs.hpp"
#include "exec/stop.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/job.hpp"

#include <format>
#include <string>
#include <string_view>

namespace igotchuu
{

void run_before_snapshot(const Job &job, const StopRequest &stop)
{
    if (job.before_snapshot.empty())
        return;
    constexpr const char *name = "exec-before-snapshot";
    ProgramWords words{name};
    const auto take = [&](std::string_view bytes) { words.feed(bytes); };
    Child child{{.arguments = job.before_snapshot,
                 .environment = {std::string{"PATH="} + programs::admin_path, "IGOTCHUU_JOB=" + job.instance}}};
    const auto end = child.wait(take, take, {.stop = stop.fd(), .grace = std::chrono::seconds{10}, .at_most = job.prepare_timeout});
    words.finish();
    stop.check();
    const auto because = [&](const std::string &why) {
        throw Failure{std::format("{} failed: {} {}", name, printable(job.before_snapshot.front()), why)};
    };
    if (end.killed)
        because(std::format("did not end within {} and was killed (the key prepare-timeout)", job.prepare_timeout));
    if (!end.succeeded())
        because(describe(end, words));
}

} // namespace igotchuu
