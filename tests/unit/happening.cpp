// SPDX-License-Identifier: MIT
#include "exec/notify/happening.hpp"
#include "job/error.hpp"
#include "job/state-files.hpp"
#include "tests/unit/little-root.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace igotchuu;
using namespace std::chrono_literals;

namespace
{

const Subject home{Subject::Kind::backup, "home"}, nas{Subject::Kind::maintenance, "nas"};
const std::string id(32, 'a');

/// The records of `home`, whose last run ended so.
class Records
{
public:
    explicit Records(Outcome outcome, const std::string &message = {})
    {
        Run run{.invocation_id = id, .started = Clock::time_point{100s}, .ended = Clock::time_point{103s}, .outcome = outcome};
        run.message = message;
        Record record{.job = "home", .history = {run}};
        write(where, "home", record);
    }
    LittleRoot root;
    StateDirectories where{.activity = root.path(), .records = root.path(), .repositories = root.path()};
};

Happening end_of(Outcome outcome, const ServiceEnd &end)
{
    const Records records{outcome, "why"};
    return igotchuu::end_of(home, end, records.where);
}

} // namespace

TEST_CASE("only the units of jobs and repositories can be told of")
{
    CHECK(subject_of("igotchuu@home").service() == "igotchuu@home.service");
    CHECK(subject_of("igotchuu@home.service").instance == "home");
    CHECK(subject_of("igotchuu@a@b").instance == "a@b");
    CHECK(subject_of("igotchuu-maintenance@nas").timer() == "igotchuu-maintenance@nas.timer");
    CHECK(subject_of("igotchuu-send@home").service() == "igotchuu-send@home.service");
    CHECK(subject_of("igotchuu-fresh@home").service() == "igotchuu-fresh@home.service");
    CHECK(subject_of("igotchuu-fresh@home.service").timer() == "igotchuu-fresh@home.timer");
    CHECK(subject_of("igotchuu-verify").service() == "igotchuu-verify.service");
    CHECK(subject_of("igotchuu-verify.service").timer().empty());
    for (const std::string_view wrong :
         {"", "home", "igotchuu@", "igotchuud.service", "igotchuu@../x", "igotchuu-notify@igotchuu@home", "igotchuu-verify@home"})
        CHECK_THROWS_AS(subject_of(wrong), Failure);
}

TEST_CASE("what the record says is what is told")
{
    const auto failed = end_of(Outcome::failed, {id, "exit-code", "exited", "1"});
    CHECK(failed.occasion == Occasion::failure);
    CHECK(failed.outcome == "failed");
    CHECK(failed.sentence == "Backup of home failed after 3.0 s: why");
    CHECK(failed.ended == Clock::time_point{103s});
    CHECK(end_of(Outcome::success, {id, "success", "exited", "0"}).occasion == Occasion::success);
    CHECK(end_of(Outcome::partial, {id, "exit-code", "exited", "3"}).occasion == Occasion::failure);
    CHECK_FALSE(end_of(Outcome::pending, {id, "exit-code", "exited", "75"}).occasion);
    CHECK(end_of(Outcome::killed, {id, "signal", "killed", "KILL"}).occasion == Occasion::failure);
    CHECK(end_of(Outcome::bad_configuration, {id, "exit-code", "exited", "78"}).occasion == Occasion::failure);
    CHECK(end_of(Outcome::stopped, {id, "exit-code", "exited", "130"}).occasion == Occasion::stopped);
    CHECK(end_of(Outcome::stopped, {id, "signal", "killed", "TERM"}).occasion == Occasion::stopped);
}

TEST_CASE("a failure that the admin's unit lines call a success is told as what it is")
{
    CHECK(end_of(Outcome::partial, {id, "success", "exited", "3"}).occasion == Occasion::failure);
}

TEST_CASE("what is tried again by itself is told to nobody, until systemd gives up")
{
    CHECK_FALSE(end_of(Outcome::not_now, {id, "exit-code", "exited", "75"}).occasion);
    CHECK_FALSE(end_of(Outcome::not_now, {id, "success", "exited", "75"}).occasion);
    const auto given_up = end_of(Outcome::not_now, {id, "start-limit-hit", "exited", "75"});
    CHECK(given_up.occasion == Occasion::failure);
    CHECK(given_up.outcome == "failed");
    CHECK(given_up.sentence.contains("start-limit-hit"));
}

TEST_CASE("a success whose unit has failed is no success")
{
    const auto happening = end_of(Outcome::success, {id, "exit-code", "exited", "0"});
    CHECK(happening.occasion == Occasion::failure);
    CHECK(happening.outcome == "failed");
    CHECK(happening.sentence.contains("but its unit has failed (exit-code): systemctl status 'igotchuu@home.service'"));
}

TEST_CASE("a run that a time limit stopped was not stopped on purpose")
{
    CHECK(end_of(Outcome::stopped, {id, "timeout", "exited", "130"}).occasion == Occasion::failure);
}

TEST_CASE("a run that left no record is told in systemd's words, and never as the run before it")
{
    const std::string other(32, 'b');
    const auto no_namespace = end_of(Outcome::success, {other, "exit-code", "exited", "226"});
    CHECK(no_namespace.occasion == Occasion::failure);
    CHECK(no_namespace.sentence.starts_with("Backup of home failed: systemd could not start it (exit-code, exit status 226)"));
    CHECK(no_namespace.sentence.contains("systemctl status 'igotchuu@home.service'"));
    const auto required = end_of(Outcome::success, {});
    CHECK(required.occasion == Occasion::failure);
    CHECK(required.sentence.contains("was not started: something that its unit requires has failed"));
    const Records records{Outcome::success};
    const auto killed = igotchuu::end_of(nas, {other, "oom-kill", "killed", "KILL"}, records.where);
    CHECK(killed.outcome == "killed");
    CHECK(killed.sentence.starts_with("Maintenance of nas was killed by SIGKILL (oom-kill)"));
    CHECK_FALSE(igotchuu::end_of(nas, {other, "exit-code", "exited", "75"}, records.where).occasion);
    CHECK(igotchuu::end_of(nas, {other, "success", "exited", "0"}, records.where).occasion == Occasion::success);
    CHECK(igotchuu::end_of(nas, {other, "exit-code", "exited", "0"}, records.where).occasion == Occasion::failure);
}

TEST_CASE("a look at how fresh a backup is is told in its own words, and never as a run of the job")
{
    const Records records{Outcome::success};
    const Subject look{Subject::Kind::freshness, "home"};
    const auto too_old = igotchuu::end_of(look, {id, "exit-code", "exited", "1"}, records.where);
    CHECK(too_old.occasion == Occasion::failure);
    CHECK(too_old.outcome == "failed");
    CHECK(too_old.sentence ==
          "The backup of home is too old, or nobody knows how old it is; the log of igotchuu-fresh@home.service says why");
    const auto fresh = igotchuu::end_of(look, {id, "success", "exited", "0"}, records.where);
    CHECK(fresh.occasion == Occasion::success);
    CHECK(fresh.sentence == "The backup of home is fresh");
    const auto changed = igotchuu::end_of(look, {id, "exit-code", "exited", "78"}, records.where);
    CHECK(changed.outcome == "bad-configuration");
    CHECK(igotchuu::end_of(look, {id, "timeout", "killed", "TERM"}, records.where).sentence.contains("was killed by SIGTERM"));
    CHECK_FALSE(last_end_of(look, records.where));
}

TEST_CASE("wrong units or schedules are told as what they are, and never as a run")
{
    const Records records{Outcome::success};
    const Subject verification{Subject::Kind::verification, ""};
    const auto wrong = igotchuu::end_of(verification, {id, "exit-code", "exited", "78"}, records.where);
    CHECK(wrong.occasion == Occasion::failure);
    CHECK(wrong.outcome == "bad-configuration");
    CHECK(
        wrong.sentence ==
        "Units or schedules of igotchuu are wrong, or something is kept that nobody sends: there may be a backup that never runs. "
        "The log of igotchuu-verify.service says what");
    const auto right = igotchuu::end_of(verification, {id, "success", "exited", "0"}, records.where);
    CHECK(right.occasion == Occasion::success);
    CHECK(right.sentence == "Every job has its units, and every schedule a next time");
    CHECK(igotchuu::end_of(verification, {id, "timeout", "killed", "TERM"}, records.where)
              .sentence.starts_with("The check of igotchuu's units and schedules was killed by SIGTERM"));
    CHECK_FALSE(last_end_of(verification, records.where));
}

TEST_CASE("who asks for the last run of a job is told of its own, not of what was sent since")
{
    const Records records{Outcome::failed, "why"};
    auto record = read_record(records.where, "home").value();
    record.history.insert(
        record.history.begin(),
        Run{.invocation_id = std::string(32, 'b'), .outcome = Outcome::success, .kept_run = std::string(32, 'c')});
    write(records.where, "home", record);
    CHECK(last_end_of(home, records.where)->invocation_id == id);
    CHECK(last_end_of({Subject::Kind::sending, "home"}, records.where)->outcome == "success");
}

TEST_CASE("a name in the unit that is no text becomes one")
{
    const Records records{Outcome::success};
    const auto happening = igotchuu::end_of({Subject::Kind::backup, "a\nBcc: b"}, {}, records.where);
    CHECK_FALSE(happening.sentence.contains('\n'));
}
