// SPDX-License-Identifier: MIT
// Says what a run says, without a run: say-report SCENARIO INSTANCE ACTIVITY-DIRECTORY RECORD-DIRECTORY
#include "exec/inhibit.hpp"
#include "exec/report/report.hpp"
#include "job/error.hpp"
#include "job/state-files.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

using namespace igotchuu;

namespace
{

std::string invocation()
{
    const char *const id = std::getenv("INVOCATION_ID");
    return id != nullptr ? id : "0123456789abcdef0123456789abcdef";
}

Job a_job(const std::string &instance)
{
    Job job;
    job.name = job.instance = instance;
    job.sources = {"/home"};
    job.repositories.resize(1);
    job.repositories.front().name = "default";
    return job;
}

Run a_result(Outcome outcome)
{
    Run run{.invocation_id = invocation(), .outcome = outcome, .snapshots = 2, .instants = 1, .restic_starts = 1};
    run.repositories.push_back({.repository = "default", .outcome = outcome});
    Summary &summary = run.repositories.front().summary;
    summary.files_new = 300;
    summary.total_files_processed = 5210;
    summary.total_bytes_processed = 1'288'490'189;
    summary.data_added = 12'900'000;
    summary.snapshot_id = "1a2b3c4d" + std::string(56, '0');
    return run;
}

void run_through(const std::string &instance, const StateDirectories &where, Outcome outcome)
{
    Report report{a_job(instance), invocation(), where};
    for (const Phase phase : {Phase::lock, Phase::reap, Phase::snapshot, Phase::mount, Phase::restic})
        report.phase(phase);
    report.repository("default");
    report.progress({.percent_done = 0.42, .total_bytes = 1000, .bytes_done = 420});
    if (outcome == Outcome::partial)
        for (int file = 0; file < 2000; ++file)
            report.complaint("/home/a/\x1b[31mred\n: permission denied");
    report.read_only_left_out(2);
    report.phase(Phase::release);
    Run run = a_result(outcome);
    if (outcome != Outcome::success)
        run.message = "the reason";
    report.finish(run);
}

/// Ends without a word when its standard input ends, as a killed run does.
void stay_in_restic(const std::string &instance, const StateDirectories &where)
{
    Report report{a_job(instance), invocation(), where};
    report.phase(Phase::restic);
    report.repository("default");
    std::getchar();
    std::_Exit(1);
}

} // namespace

int main(int count, char **arguments)
{
    if (count != 5)
        return static_cast<int>(ExitStatus::usage);
    const std::string scenario = arguments[1], instance = arguments[2];
    const StateDirectories where{.activity = arguments[3], .records = arguments[4]};
    if (scenario == "success")
        run_through(instance, where, Outcome::success);
    else if (scenario == "partial")
        run_through(instance, where, Outcome::partial);
    else if (scenario == "stay")
        stay_in_restic(instance, where);
    else if (scenario == "killed")
        report_killed(read_activity(where, instance).value(), instance, where);
    else if (scenario == "bad")
        report_bad_configuration(instance, invocation(), "/etc/igotchuu/jobs/x.toml:1:1: one\n/etc/igotchuu/jobs/x.toml:2:1: two",
                                 where);
    else if (scenario == "inhibit") {
        const Inhibitor awake{"a test"};
        std::puts(awake.held() ? "held" : awake.why_not().c_str());
        std::fflush(stdout);
        std::getchar();
    } else
        return static_cast<int>(ExitStatus::usage);
    return 0;
}
