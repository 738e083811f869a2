// SPDX-License-Identifier: MIT
#include "cli/overview.hpp"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <clocale>
#include <fcntl.h>

using namespace igotchuu;
using namespace std::chrono_literals;

namespace
{

const Clock::time_point now{1'764'000'000s};

/// One of which the last run, half an hour ago, was good, and which its timer starts again in a day.
Standing sound(const std::string &name)
{
    return {.name = name,
            .instance = name,
            .outcome = Outcome::success,
            .ended = now - 30min,
            .invocation_id = "1",
            .last_success = now - 30min,
            .schedule = {.state = Schedule::State::on, .next = now + 24h, .last = now - 31min}};
}

Standing ended(const std::string &name, Outcome outcome)
{
    auto job = sound(name);
    job.outcome = outcome;
    job.last_success = now - 25h;
    return job;
}

std::vector<std::string> names(const std::vector<Judged> &jobs)
{
    std::vector<std::string> all;
    for (const auto &job : jobs)
        all.push_back(job.standing.name);
    return all;
}

} // namespace

TEST_CASE("each outcome of the last run has its severity, and says why")
{
    for (const auto outcome : outcomes) {
        INFO(to_string(outcome));
        auto job = ended("home", outcome);
        job.schedule.last = now - 26h;
        job.message = "the reason";
        const auto verdict = judge(job, now);
        switch (outcome) {
        case Outcome::success:
        case Outcome::pending:
        case Outcome::not_now:
            CHECK(verdict.severity == Severity::fine);
            break;
        case Outcome::partial:
        case Outcome::stopped:
            CHECK(verdict.severity == Severity::warning);
            break;
        default:
            CHECK(verdict.severity == Severity::critical);
        }
        if (verdict.severity != Severity::fine)
            CHECK(verdict.why == std::string{to_string(outcome)} + " 30 min ago: the reason (igotchuu log home)");
    }
}

TEST_CASE("a try that could not run hides nothing of what came of the run before, and says nothing by itself")
{
    auto job = sound("home");
    job.outcome = Outcome::not_now;
    job.doing = Doing::waiting;
    job.waits_since = now - 1h;
    CHECK(judge(job, now).severity == Severity::fine);
    for (const auto outcome : outcomes) {
        INFO(to_string(outcome));
        job.ran = Run{.invocation_id = "2", .ended = now - 2h, .outcome = outcome, .message = "the reason"};
        auto not_hidden = ended("home", outcome);
        not_hidden.schedule.last.reset();
        CHECK(judge(job, now).severity == judge(not_hidden, now).severity);
        if (judge(job, now).severity != Severity::fine)
            CHECK(judge(job, now).why == "it could not run since the run that ended as " + std::string{to_string(outcome)} +
                                             " 2 h ago: the reason (journalctl -x IGOTCHUU_INVOCATION=2)");
    }
    job.ran->outcome = Outcome::disproved;
    const auto json = nlohmann::json::parse(to_json(worst_first({job}, now)))["jobs"][0];
    CHECK(json["last_run"]["outcome"] == "not-now");
    CHECK(json["last_ran"]["outcome"] == "disproved");
    CHECK(json["last_ran"]["invocation_id"] == "2");
    job.ran.reset();
    CHECK(nlohmann::json::parse(to_json(worst_first({job}, now)))["jobs"][0]["last_ran"] == json["last_run"]);
}

TEST_CASE("a kept instant that could not be sent is told of, and hides nothing of what came of the last run")
{
    auto job = sound("home");
    job.sent = Run{.invocation_id = "2", .ended = now - 10min, .outcome = Outcome::success, .kept_run = "0"};
    CHECK(judge(job, now).severity == Severity::fine);
    job.sent->outcome = Outcome::failed;
    job.sent->message = "the disk is full";
    CHECK(judge(job, now).severity == Severity::critical);
    CHECK(judge(job, now).why ==
          "what is kept was sent, and that ended as failed 10 min ago: the disk is full (journalctl -x IGOTCHUU_INVOCATION=2)");
    job.outcome = Outcome::partial;
    CHECK(judge(job, now).severity == Severity::critical);
    job.sent->outcome = Outcome::success;
    CHECK(judge(job, now).why == "partial 30 min ago (igotchuu log home)");
    job.outcome = Outcome::failed;
    job.sent->outcome = Outcome::failed;
    CHECK(judge(job, now).why == "failed 30 min ago (igotchuu log home)");
}

TEST_CASE("a job is late when its timer has started it and no success has come of that, unless it runs now")
{
    auto job = sound("home");
    CHECK_FALSE(judge(job, now).late);
    job.last_success = now - 25h;
    CHECK(judge(job, now).late);
    CHECK(judge(job, now).severity == Severity::warning);
    CHECK(judge(job, now).why == "was due 31 min ago, and there is no success since (igotchuu start home)");
    job.doing = Doing::running;
    CHECK_FALSE(judge(job, now).late);
    job.doing = Doing::waiting;
    job.waits_since = now - 23h;
    CHECK_FALSE(judge(job, now).late);
    job.waits_since = now - 25h;
    CHECK(judge(job, now).late);
    CHECK(judge(job, now).severity == Severity::warning);
    CHECK(judge(job, now).why == "has waited for 25 h (igotchuu log home)");
}

TEST_CASE("a timer that has not fired since it runs makes nothing late, unless a run came after its stamp")
{
    auto job = sound("home");
    job.started = now - 25h;
    job.last_success = now - 25h;
    job.schedule.last_is_stamped = true; // as its file was new, after the run by hand; and the machine was started again
    CHECK_FALSE(judge(job, now).late);
    CHECK(judge(job, now).severity == Severity::fine);
    job.outcome = Outcome::not_now;
    job.started = now - 30min;
    CHECK(judge(job, now).late);
    job.started = now - 25h;
    job.objective = 24h;
    CHECK(judge(job, now).late);
    job.objective = {};
    job.schedule.last_is_stamped = false;
    CHECK(judge(job, now).late);
}

TEST_CASE("a run that does not come to an end is no excuse for ever")
{
    auto job = sound("home");
    job.doing = Doing::running;
    job.last_success = now - 50h;
    job.schedule.last = now - 25h;
    CHECK(judge(job, now).late);
    job = sound("home");
    job.doing = Doing::running;
    job.activity = Activity{.started = now - 23h};
    CHECK(judge(job, now).severity == Severity::fine);
    job.activity->started = now - 30h;
    CHECK(judge(job, now).severity == Severity::warning);
    CHECK(judge(job, now).why == "it has run for 30 h (igotchuu watch home)");
    job = sound("home");
    job.doing = Doing::waiting; // since when is for the group to see
    job.last_success = now - 50h;
    CHECK_FALSE(judge(job, now).late);
    job.schedule.last = now - 25h;
    CHECK(judge(job, now).late);
}

TEST_CASE("a backup that is older than its job's objective is late, whatever its timer does")
{
    auto job = sound("home");
    job.schedule = {.state = Schedule::State::on, .next = now + 1h};
    job.last_success = now - 25h;
    CHECK(judge(job, now).severity == Severity::fine);
    job.objective = 24h;
    CHECK(judge(job, now).late);
    CHECK(judge(job, now).why == "its newest backup is of 25 h ago, and may be 24 h old (igotchuu start home)");
    job.doing = Doing::waiting;
    job.waits_since = now - 2h;
    CHECK(judge(job, now).late);
    CHECK(judge(job, now).severity == Severity::warning);
}

TEST_CASE("what is not known is never fine: when systemd cannot be asked, and when a timer has no next time")
{
    auto job = sound("home");
    job.schedule = {};
    CHECK(judge(job, now).severity == Severity::unknown);
    job.schedule = {.state = Schedule::State::on, .never_again = true};
    CHECK(judge(job, now).severity == Severity::warning);
    CHECK(judge(job, now).why == "its timer never starts it again (systemctl status igotchuu@home.timer)");
    job.doing = Doing::running;
    CHECK(judge(job, now).severity == Severity::fine);
    job.outcome = Outcome::failed;
    job.schedule = {};
    CHECK(judge(job, now).severity == Severity::critical);
}

TEST_CASE("old snapshots that are held are a warning, with the reason and what to type; a worse thing is said before")
{
    auto job = sound("my home");
    Retention retention{.kept = 2, .planned = 3, .hold = Hold::shrunk, .why = "it has only 10 files\x1b"};
    job.retentions = {{.repository = "nas", .retention = retention}};
    CHECK(judge(job, now).severity == Severity::warning);
    CHECK(judge(job, now).why == "no old snapshot is removed from nas: it has only 10 files\\x1b; 3 would go (to look: igotchuu "
                                 "retention 'my home'; to have "
                                 "them removed: igotchuu retention --confirm 'my home')");
    CHECK(nlohmann::json::parse(to_json(worst_first({job}, now)))["jobs"][0]["held"][0]["hold"] == "shrunk");
    job.retentions[0].retention->why.clear(); // as over the bus
    job.retentions[0].retention->hold = Hold::newest;
    CHECK(judge(job, now).why == "no old snapshot is removed from nas: newest (igotchuu retention 'my home')");
    job.outcome = Outcome::failed;
    CHECK(judge(job, now).severity == Severity::critical);
    CHECK(judge(job, now).why.starts_with("failed "));
    for (const auto hold : {Hold::none, Hold::locked, Hold::failed}) { // the last of these the run itself says
        job = sound("home");
        job.retentions = {{.repository = "nas", .retention = Retention{.hold = hold}}};
        CHECK(judge(job, now).severity == Severity::fine);
    }
}

TEST_CASE("what is wrong beside the runs of a job counts as they do, and the worst is said")
{
    auto job = sound("home");
    job.troubles = {{Severity::warning, "the maintenance"}};
    CHECK(judge(job, now).severity == Severity::warning);
    job.troubles.push_back({Severity::critical, "the check"});
    CHECK(judge(job, now).severity == Severity::critical);
    CHECK(judge(job, now).why == "the check");
}

TEST_CASE("a recovery key that nobody has confirmed is a warning with what to type, and hides nothing else")
{
    auto job = sound("home");
    job.unconfirmed = {"nas"};
    CHECK(judge(job, now).severity == Severity::warning);
    CHECK(judge(job, now).why ==
          "nobody has confirmed that the recovery key of the repository nas is written down: igotchuu repository confirm nas");
    job.last_success = now - 25h;
    CHECK(judge(job, now).why == "was due 31 min ago, and there is no success since (igotchuu start home)");
    job.outcome = Outcome::failed;
    CHECK(judge(job, now).severity == Severity::critical);
}

TEST_CASE(
    "what is no outcome is found, too: a wrong file, no backup at all, a timer that does not run, a past that may not be seen")
{
    auto job = sound("home");
    job.fault = "/etc/igotchuu/jobs/home.toml:1:1: wrong";
    CHECK(judge(job, now).severity == Severity::critical);
    CHECK(judge(job, now).why == "/etc/igotchuu/jobs/home.toml:1:1: wrong (igotchuu validate)");
    job = {.name = "new job", .instance = "new", .schedule = {.state = Schedule::State::none}};
    CHECK(judge(job, now).severity == Severity::warning);
    CHECK(judge(job, now).why == "there is no backup yet (igotchuu start 'new job')");
    job.doing = Doing::running;
    CHECK(judge(job, now).severity == Severity::fine);
    job = sound("home");
    job.schedule = {.state = Schedule::State::off};
    CHECK(judge(job, now).why == "its timer does not run (igotchuu reload; systemctl start igotchuu@home.timer)");
    job.past_is_known = false;
    CHECK(judge(job, now).severity == Severity::warning);
}

TEST_CASE("a job whose file is gone says so with the remedy, whatever came of its last run")
{
    auto job = ended("TV\\x20Shows", Outcome::failed);
    job.is_orphan = true;
    job.has_file = false;
    CHECK(judge(job, now).severity == Severity::critical);
    CHECK(judge(job, now).why == "its file is gone, and its timer is not (igotchuu reload)");
    job.schedule = {.state = Schedule::State::none};
    CHECK(judge(job, now).severity == Severity::warning);
    CHECK(judge(job, now).why.contains(R"(rm '/var/lib/igotchuu/jobs/TV\x20Shows.json')"));
}

TEST_CASE("the worst comes first, then whose last success is the oldest")
{
    auto old = ended("old", Outcome::failed), never = ended("never", Outcome::failed), late = sound("late");
    old.last_success = now - 1000h;
    never.last_success.reset();
    late.last_success = now - 30h;
    const auto jobs = worst_first(
        {sound("b"), late, ended("partial", Outcome::partial), sound("a"), ended("young", Outcome::failed), old, never}, now);
    CHECK(names(jobs) == std::vector<std::string>{"never", "old", "young", "late", "partial", "a", "b"});
    CHECK(worst_of(jobs) == Severity::critical);
    CHECK(summary(jobs) == "critical: 3 of 7 jobs (never, old, young); warning: 2 of 7 jobs (late, partial)");
}

TEST_CASE("the exit status of an overview is that of the worst job, and without a job nothing is known")
{
    CHECK(worst_of({}) == Severity::unknown);
    CHECK(summary({}) == "unknown: there is no job yet");
    CHECK(static_cast<int>(worst_of(worst_first({sound("a")}, now))) == 0);
    CHECK(summary(worst_first({sound("a")}, now)) == "ok: 1 job");
    CHECK(static_cast<int>(worst_of(worst_first({sound("a"), ended("b", Outcome::partial)}, now))) == 1);
    CHECK(static_cast<int>(worst_of(worst_first({ended("a", Outcome::killed), ended("b", Outcome::partial)}, now))) == 2);
}

TEST_CASE("an overview is a table, and its columns stay in line")
{
    std::setlocale(LC_ALL, "C.UTF-8");
    auto running = sound("häuser");
    running.doing = Doing::running;
    running.activity = Activity{.phase = Phase::snapshot};
    running.last_proven = now - 9 * 24h;
    const auto jobs = worst_first({running, ended("photos", Outcome::failed)}, now);
    const auto lines = table_of(jobs, now).cut_lines(Screen{open("/dev/null", O_WRONLY | O_CLOEXEC)}, 32);
    CHECK(lines == std::vector<std::string>{
                       "JOB     STATUS    NOW                  LAST RUN            SUCCESS     PROVEN   NEXT",
                       "photos  critical  -                    failed 30 min ago   25 h ago    never    in 24 h",
                       "häuser  ok        taking the snapshot  success 30 min ago  30 min ago  9 d ago  in 24 h",
                   });
}

TEST_CASE("of each repository it is said what was proven there, when, and how far, and where nothing ever was")
{
    auto job = sound("home");
    job.repositories = {"nas", "usb", "new"};
    job.proven = {{"nas", std::string(64, 'a'), now - 5h, now - 3h, Extent::full, 5'210, 1'288'490'189, 20},
                  {"usb", std::string(64, 'b'), now - 9 * 24h, now - 9 * 24h, Extent::sample, 0, 0, 1}};
    auto lines = proofs_of(job, now);
    REQUIRE(lines.size() == 2); // whoever does not ask for a proof misses none
    CHECK(lines[0].starts_with(
        "proven in nas 3 h ago: full, 5,210 files (1.2 GiB), 20 of them restored; snapshot aaaaaaaa of 2025-11-2"));
    CHECK(lines[1].starts_with("proven in usb 9 d ago: sample, 1 file restored; snapshot bbbbbbbb of 2025-11-1"));
    job.is_to_be_proved = true;
    lines = proofs_of(job, now);
    REQUIRE(lines.size() == 3);
    CHECK(lines[2] == "nothing in new was ever proven");
    const auto json = nlohmann::json::parse(to_json(worst_first({job}, now)))["jobs"][0];
    CHECK(json["last_proven_usec"].is_null());
    CHECK(json["proven"].size() == 2);
    CHECK(json["proven"][1]["repository"] == "usb");
    CHECK(json["proven"][1]["snapshot_id"] == std::string(64, 'b'));
    CHECK(json["proven"][1]["extent"] == "sample");
    CHECK(json["proven"][1]["restored"] == 1);
    CHECK(json["proven"][0]["files"] == 5'210);
}

TEST_CASE("a name of a job reaches no terminal raw, and the JSON is valid whatever it is")
{
    const auto jobs = worst_first({ended("\x1b[31mred\xff", Outcome::failed)}, now);
    CHECK(summary(jobs) == "critical: 1 of 1 job (\\x1b[31mred\\xff)");
    for (const auto &line : table_of(jobs, now).cut_lines(Screen{open("/dev/null", O_WRONLY | O_CLOEXEC)}, 32))
        CHECK_FALSE(line.contains('\x1b'));
    const auto json = nlohmann::json::parse(to_json(jobs));
    CHECK(json["status"] == "critical");
    CHECK(json["jobs"][0]["last_run"]["outcome"] == "failed");
    CHECK(json["jobs"][0]["last_proven_usec"].is_null());
    CHECK(json["jobs"][0]["timer"] == "on");
}

TEST_CASE("what is longer than its place is cut between two characters")
{
    std::setlocale(LC_ALL, "C.UTF-8");
    CHECK(cut("häuser", 6) == "häuser");
    CHECK(cut("häuser", 4) == "häu…");
    CHECK(cut("日本語", 4) == "日…");
    CHECK(width_of("日本語") == 6);
    CHECK(folded("what does not fit is broken between words", 16) ==
          std::vector<std::string>{"what does not", "fit is broken", "between words"});
    CHECK(folded("日本語 日本語 a-word-that-is-longer b", 13) ==
          std::vector<std::string>{"日本語 日本語", "a-word-that-is-longer", "b"});
}

TEST_CASE("an age is said as far as it matters")
{
    CHECK(ago(-1h) == "just now");
    CHECK(ago(4s) == "just now");
    CHECK(ago(119s) == "119 s ago");
    CHECK(ago(2min) == "2 min ago");
    CHECK(ago(119min) == "119 min ago");
    CHECK(ago(47h) == "47 h ago");
    CHECK(ago(48h) == "2 d ago");
    CHECK(until(-1h) == "now");
    CHECK(until(5h) == "in 5 h");
}
