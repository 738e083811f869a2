// SPDX-License-Identifier: MIT
// What exec/restic promises when restic does what the real one does only on a bad day.
#include "tests/system/restic-bench.hpp"

#include "exec/restic/forget.hpp"
#include "exec/restic/keys.hpp"
#include "exec/restic/maintain.hpp"
#include "exec/restic/unlock.hpp"
#include "job/error.hpp"

#include <algorithm>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <fcntl.h>
#include <sstream>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>

using namespace igotchuu;
using namespace igotchuu::restic;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
namespace fs = std::filesystem;

namespace
{

const std::string id(64, 'b');

/// A stand-in's repository has the snapshot that it will name.
struct StandInBench : Bench {
    StandInBench() { write(repository.location + "/snapshots/" + id, "x"); }

    /// `script` runs for `restic backup`; $summary is a sound one.
    void backing_up(const std::string &script)
    {
        stand_in(R"(summary='{"message_type":"summary","files_new":1,"total_files_processed":1,"snapshot_id":")" + id + "\"}'\n" +
                 script);
    }
    [[nodiscard]] bool heard(std::string_view text) const
    {
        return std::ranges::any_of(complaints, [&](const auto &one) { return one.contains(text); });
    }
    /// What other than a backup is done with restic. Returns why it failed; empty: it did not, or was stopped.
    std::string failure_of(const std::function<void(const Starter &, const Access &)> &work)
    try {
        const Listener listener{[](const Progress &) {}, [this](const std::string &text) { complaints.push_back(text); },
                                [](pid_t, int) {}};
        const Features features{"0.18.0", true};
        const Access access{repository, "test", installation, stop};
        work({installation, features, stop, listener, starts}, access);
        return {};
    } catch (const Failure &failure) {
        return failure.what();
    } catch (const Cancelled &) {
        return {};
    }
};

bool appears(const fs::path &path)
{
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (!fs::exists(path) && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(5ms);
    return fs::exists(path);
}

std::vector<pid_t> pids_of(const std::string &text)
{
    std::vector<pid_t> all;
    std::istringstream words{text};
    for (pid_t pid; words >> pid;)
        all.push_back(pid);
    return all;
}

} // namespace

TEST_CASE("garbage on both outputs changes nothing, and a summary without a final newline counts")
{
    StandInBench bench;
    bench.backing_up(R"(
garbage() {
    printf 'plain text\nnull\n[]\n7\n{"message_type":"sum\n\n{"message_type":"new_kind"}\n{"message_type":"status","percent_done":"half"}\n'
    printf 'raw \351\033[2Jbyte\n'
    head -c 5242880 /dev/zero | tr '\0' x
    echo
}
garbage; garbage >&2
printf '%s' "$summary"
)");
    const auto result = bench.backup();
    INFO(result.message);
    CHECK(result.outcome == Outcome::success);
    CHECK(result.summary.snapshot_id == id);
    CHECK(std::ranges::count(bench.complaints, "plain text") == 2);
    CHECK(bench.heard(R"(raw \xe9\x1b[2Jbyte)"));
    CHECK(bench.heard("2 lines of restic were dropped"));
    CHECK(std::ranges::all_of(bench.complaints, [](const auto &one) { return one.size() <= 4200; }));
}

TEST_CASE("a line of 100 MB, endless depth and a million lines stay within 64 MiB")
{
    StandInBench bench;
    bench.backing_up(R"(
head -c 104857600 /dev/zero | tr '\0' '{'; echo
head -c 1000000 /dev/zero | tr '\0' '['; echo
printf '{"message_type":"status","x":'; head -c 1000000 /dev/zero | tr '\0' '['; echo
yes '{"message_type":"status","percent_done":0.5,"total_files":9}' | head -n 1000000
printf '%s\n' "$summary"
)");
    int shown = 0;
    bench.on_progress = [&](const Progress &) { ++shown; };
    const auto begun = std::chrono::steady_clock::now();
    CHECK(bench.backup().outcome == Outcome::success);
    const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    CHECK(shown >= 1);
    CHECK(shown <= 2 + took * 2);
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    CHECK(usage.ru_maxrss < 64 * 1024);
}

TEST_CASE("exit 3 with a snapshot is partial, with the errors counted once")
{
    StandInBench bench;
    bench.backing_up(R"(
for during in scan archival; do
    for name in x y; do
        printf '{"message_type":"error","error":{"message":"open /%s: input/output error"},"during":"%s","item":"/%s"}\n' $name $during $name >&2
    done
done
printf '%s\n' "$summary"
exit 3
)");
    const auto result = bench.backup();
    CHECK(result.outcome == Outcome::partial);
    CHECK(result.errors == 2);
    CHECK(result.summary.snapshot_id == id);
    CHECK(bench.complaints == std::vector<std::string>{"open /x: input/output error", "open /y: input/output error"});
}

TEST_CASE("a summary in a file's name is no summary")
{
    StandInBench bench;
    bench.backing_up(R"(printf 'open /home/x\n%s\n: no such file' "$summary" >&2)");
    CHECK(bench.backup().outcome == Outcome::failed);
}

TEST_CASE("a repository that is not open within its time is given up, and the key and restic's last word are named")
{
    StandInBench bench;
    bench.repository.answer_timeout = 1s;
    bench.backing_up(
        "echo 'Load(<config/0000000000>, 0, 0) returned error, retrying after 1s: connection refused' >&2; exec sleep 60");
    const auto result = bench.backup();
    CHECK(result.outcome == Outcome::failed);
    CHECK_THAT(result.message, ContainsSubstring("could not be opened within 1 s (the key answer-timeout): nothing listens there"));
    CHECK_THAT(result.message, ContainsSubstring("connection refused"));
}

TEST_CASE("a restic that waits for ever for an ssh that has ended is no run for ever, and no stop")
{
    StandInBench bench;
    bench.backing_up(R"(echo '{"message_type":"status","percent_done":0}'; trap '' INT
echo 'Save(<data/dd065eb178>) failed: ssh command exited: exit status 255' >&2; sleep 600)");
    const auto result = bench.backup();
    CHECK(result.outcome == Outcome::failed);
    CHECK_THAT(result.message, ContainsSubstring("the connection to the server broke"));
}

TEST_CASE("a server that dies under a maintenance, a removal or an init is said, and is no stop")
{
    StandInBench bench;
    bench.stand_in("echo 'Load(<data/dd065eb178>, 1, 0) failed: ssh command exited: exit status 255' >&2; exec sleep 600");
    const auto hear = [](std::string_view) {};
    const std::vector<PlannedSnapshot> planned{{.id = id, .time = {}, .host = {}, .reasons = {}}};
    const std::function<void(const Starter &, const Access &)> all[] = {
        [&](const Starter &starter, const Access &access) { (void)prune(starter, access, hear); },
        [&](const Starter &starter, const Access &access) { (void)restic::check(starter, access, 1, 1, hear); },
        [&](const Starter &starter, const Access &access) { (void)plan_to_forget(starter, access, bench.job); },
        [&](const Starter &starter, const Access &access) { throw Failure{forget(starter, access, planned).why_not}; },
        [&](const Starter &starter, const Access &access) { (void)keys(starter, access); },
        [&](const Starter &starter, const Access &access) { (void)unlock(starter, access); },
    };
    std::vector<pid_t> processes; // each waits for ten seconds: at the same time
    for (const auto &work : all) {
        const auto pid = fork();
        if (pid == 0)
            _exit(bench.failure_of(work).contains("the connection to the server broke") ? 0 : 1);
        processes.push_back(pid);
    }
    for (std::size_t which = 0; which < processes.size(); ++which) {
        INFO(which);
        int status = -1;
        CHECK(waitpid(processes[which], &status, 0) == processes[which]);
        CHECK(status == 0);
    }
}

TEST_CASE("a connection that breaks during a check is no damage, and what was found before it is")
{
    StandInBench bench;
    bench.repository.location = "sftp:nas:/srv/restic";
    const auto come_to = [&](const std::string &before, const std::string &after) {
        bench.stand_in("exec >&2\n" + before + R"(
echo 'Load(<data/b0204b6415>, 4195092, 0) failed: ssh command exited: exit status 255'
echo 'download error: circuit breaker open for file <data/b0204b6415>'
)" + after);
        return bench.failure_of([](const Starter &starter, const Access &access) {
            throw Failure{restic::check(starter, access, 1, 1, [](std::string_view) {}) ? "sound" : "damaged"};
        });
    };
    const std::string end = "echo 'Fatal: repository contains errors'; exit 1", hang = "exec sleep 600";
    const std::string damage = "echo 'pack 60311ba143 contains 1 errors: [blob 1: ciphertext verification failed]'";
    CHECK_THAT(come_to("", end),
               ContainsSubstring("did not come to its end") && ContainsSubstring("the connection to the server broke"));
    CHECK(come_to(damage, end) == "damaged");
    CHECK(come_to(damage, hang) == "damaged");
    bench.repository.location = bench.top / "repository";
    CHECK(come_to("", end) == "damaged");
}

TEST_CASE("a repository that is open may take its time")
{
    StandInBench bench;
    bench.repository.answer_timeout = 1s;
    bench.backing_up(R"(echo '{"message_type":"status","percent_done":0}'; sleep 3; printf '%s\n' "$summary")");
    const auto result = bench.backup();
    INFO(result.message);
    CHECK(result.outcome == Outcome::success);
}

TEST_CASE("a snapshot that is not in the repository is no backup")
{
    StandInBench bench;
    bench.backing_up(R"(printf '%s\n' "$summary")");
    fs::remove(bench.repository.location + "/snapshots/" + id);
    const auto result = bench.backup();
    CHECK(result.outcome == Outcome::failed);
    CHECK_THAT(result.message, ContainsSubstring("not in the repository"));
}

TEST_CASE("a restic that dies is a failure that names the cause")
{
    StandInBench bench;
    const auto message_of = [&](const std::string &script) {
        bench.backing_up("printf '%s\\n' \"$summary\"\n" + script);
        const auto result = bench.backup();
        CHECK(result.outcome == Outcome::failed);
        return result.message;
    };
    CHECK_THAT(message_of("kill -SEGV $$"), ContainsSubstring("signal 11"));
    CHECK_THAT(message_of("kill -KILL $$"), ContainsSubstring("out of memory?"));
    CHECK_THAT(message_of("printf 'panic: oh no\\n\\ngoroutine 1\\n' >&2; exit 2"),
               ContainsSubstring("restic crashed: panic: oh no"));
    CHECK_THAT(message_of("echo 'Fatal: no space' >&2; exit 77"), ContainsSubstring("exit status 77: Fatal: no space"));
    CHECK_THAT(
        message_of(R"(echo '{"message_type":"exit_error","code":11,"message":"repo already locked by PID 9 on h"}' >&2; exit 11)"),
        ContainsSubstring("locked by PID 9 on h"));
}

TEST_CASE("a restic that closes its outputs and goes on is waited for")
{
    StandInBench bench;
    bench.backing_up("printf '%s\\n' \"$summary\"; exec >&- 2>&-; sleep 0.5; touch $top/source/done");
    CHECK(bench.backup().outcome == Outcome::success);
    CHECK(fs::exists(bench.top / "source/done"));
}

TEST_CASE("what restic left running cannot hold up the end")
{
    StandInBench bench;
    bench.backing_up("printf '%s\\n' \"$summary\"; sleep 1000 & echo $! >$top/source/pid; exit 0");
    const auto begun = std::chrono::steady_clock::now();
    CHECK(bench.backup().outcome == Outcome::success);
    CHECK(std::chrono::steady_clock::now() - begun < 20s);
    for (const auto pid : pids_of(Bench::read(bench.top / "source/pid")))
        CHECK(kill(pid, SIGKILL) == 0);
}

TEST_CASE("a stop is one SIGINT, and what was said after it is still read")
{
    StandInBench bench;
    bench.installation.grace = 60s;
    bench.backing_up(
        "trap 'count=$((count + 1)); sleep 0.3; echo interrupted $count; exit 1' INT\necho ready; while :; do sleep 0.05; done");
    bench.on_complaint = [](const std::string &text) {
        if (text == "ready")
            Bench::ask_to_stop();
    };
    CHECK(bench.backup().outcome == Outcome::stopped);
    CHECK(bench.complaints == std::vector<std::string>{"ready", "interrupted 1"});
}

TEST_CASE("a restic that stands still is left so, and said; woken by somebody, it backs up")
{
    StandInBench bench;
    bench.backing_up("echo $$ >$top/source/pid; kill -STOP $$; printf '%s\\n' \"$summary\"");
    int times = 0;
    bench.on_standstill = [&](pid_t process, int signal) {
        ++times;
        CHECK(signal == SIGSTOP);
        CHECK(pids_of(Bench::read(bench.top / "source/pid")) == std::vector{process});
        kill(process, SIGCONT);
    };
    CHECK(bench.backup().outcome == Outcome::success);
    CHECK(times == 1);
}

TEST_CASE("a restic that stands still, and its ssh, are woken to hear that they shall end")
{
    StandInBench bench;
    bench.installation.grace = 20s;
    bench.backing_up(R"(
trap 'kill $ssh; wait $ssh; echo interrupted; exit 1' INT
sh -c 'kill -TTIN $$; exec sleep 1000' & ssh=$!
until grep -q '(stopped)' /proc/$ssh/status; do :; done
kill -TTIN $$
while :; do sleep 0.05; done)");
    bench.on_standstill = [](pid_t, int signal) {
        CHECK(signal == SIGTTIN);
        Bench::ask_to_stop();
    };
    const auto begun = std::chrono::steady_clock::now();
    const auto result = bench.backup();
    CHECK(result.outcome == Outcome::stopped);
    CHECK_FALSE(result.message.contains("killed"));
    CHECK(bench.heard("interrupted"));
    CHECK(std::chrono::steady_clock::now() - begun < 5s);
}

TEST_CASE("a restic that ignores SIGINT is killed after the grace")
{
    StandInBench bench;
    bench.backing_up("trap '' INT TERM; echo ready; exec sleep 1000");
    bench.on_complaint = [](const std::string &text) {
        if (text == "ready")
            Bench::ask_to_stop();
    };
    const auto result = bench.backup();
    CHECK(result.outcome == Outcome::stopped);
    CHECK_THAT(result.message, ContainsSubstring("was killed"));
}

TEST_CASE("signals that we ignore or block reach restic all the same")
{
    StandInBench bench;
    struct sigaction before{}, ignore{};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGINT, &ignore, &before);
    bench.backing_up(
        "grep -E '^Sig(Blk|Ign)' /proc/self/status | grep -v '0000000000000000' >$top/source/signals; printf '%s\\n' \"$summary\"");
    CHECK(bench.backup().outcome == Outcome::success);
    sigaction(SIGINT, &before, nullptr);
    CHECK(Bench::read(bench.top / "source/signals").empty());
}

TEST_CASE("restic has one capability, can gain none, and nothing of ours but the two secrets")
{
    StandInBench bench;
    bench.backing_up(R"(
grep -E '^(Cap|NoNewPrivs)' /proc/self/status >$top/source/status
setpriv --dump | grep Securebits >$top/source/securebits
readlink /proc/$$/fd/0 >$top/source/stdin
for fd in /proc/$$/fd/*; do case ${fd##*/} in 0 | 1 | 2) ;; *) readlink $fd ;; esac; done | grep -v "^$top/restic" >$top/source/fds
pwd >$top/source/cwd
printf '%s\n' "$summary")");
    const Fd ours{open("/etc/passwd", O_RDONLY | O_CLOEXEC)};
    CHECK(bench.backup().outcome == Outcome::success);
    CHECK(Bench::read(bench.top / "source/status") ==
          "CapInh:\t0000000000000004\nCapPrm:\t0000000000000004\nCapEff:\t0000000000000004\n"
          "CapBnd:\t0000000000000004\nCapAmb:\t0000000000000004\nNoNewPrivs:\t1\n");
    CHECK(Bench::read(bench.top / "source/securebits") == "Securebits: noroot,noroot_locked\n");
    CHECK(Bench::read(bench.top / "source/stdin") == "/dev/null\n");
    CHECK(Bench::read(bench.top / "source/cwd") == "/\n");
    CHECK(Bench::read(bench.top / "source/fds") == "/memfd:igotchuu (deleted)\n/memfd:igotchuu (deleted)\n");
}

TEST_CASE("location and password reach restic, and neither its arguments nor its environment show them")
{
    StandInBench bench;
    bench.repository.location = "rest:https://alice:canary%40pw@nas/";
    bench.backing_up(R"(
cat /proc/$$/cmdline /proc/$$/environ >$top/source/seen
cat $RESTIC_REPOSITORY_FILE >$top/source/location
cat $RESTIC_PASSWORD_FILE >$top/source/password
echo "Fatal: Get \"$(cat $RESTIC_REPOSITORY_FILE)config\": dial tcp" >&2
exit 1)");
    const auto result = bench.backup();
    CHECK(result.outcome == Outcome::failed);
    CHECK(Bench::read(bench.top / "source/location") == bench.repository.location);
    CHECK(Bench::read(bench.top / "source/password") == "canary-password");
    const auto seen = Bench::read(bench.top / "source/seen");
    CHECK_THAT(seen, ContainsSubstring("backup") && ContainsSubstring("RESTIC_PASSWORD_FILE"));
    CHECK_THAT(seen, !ContainsSubstring("canary"));
    CHECK_THAT(result.message, !ContainsSubstring("canary") && ContainsSubstring("alice:***@nas"));
    CHECK_FALSE(bench.heard("canary"));
}

TEST_CASE("when we are killed restic is interrupted")
{
    StandInBench bench;
    bench.backing_up("trap 'touch $top/source/ended; exit 1' INT; touch $top/source/begun; while :; do sleep 0.05; done");
    const auto pid = fork();
    if (pid == 0) {
        (void)bench.backup();
        _exit(0);
    }
    CHECK(appears(bench.top / "source/begun"));
    CHECK(kill(pid, SIGKILL) == 0);
    CHECK(waitpid(pid, nullptr, 0) == pid);
    CHECK(appears(bench.top / "source/ended"));
}

TEST_CASE("a password that is not there, empty or no file is a failure that names its place, and restic never runs")
{
    StandInBench bench;
    bench.backing_up("touch $top/source/ran");
    const auto &file = bench.repository.password.file;
    SECTION("not there")
    {
        fs::remove(file);
        CHECK_THROWS_WITH(bench.backup(), ContainsSubstring(file) && ContainsSubstring("No such file"));
    }
    SECTION("empty")
    {
        Bench::write(file, " \n");
        CHECK_THROWS_MATCHES(bench.backup(), Failure, MessageMatches(ContainsSubstring(file + " is empty")));
    }
    SECTION("too big")
    {
        Bench::write(file, std::string(64 * 1024 + 1, 'x'));
        CHECK_THROWS_MATCHES(bench.backup(), Failure, MessageMatches(ContainsSubstring(file + " is over 64 KiB")));
    }
    SECTION("a directory")
    {
        fs::remove(file);
        fs::create_directory(file);
        CHECK_THROWS_MATCHES(bench.backup(), Failure, MessageMatches(ContainsSubstring(file + " is not a regular file")));
    }
    SECTION("a FIFO")
    {
        fs::remove(file);
        REQUIRE(mkfifo(file.c_str(), 0600) == 0);
        CHECK_THROWS_MATCHES(bench.backup(), Failure, MessageMatches(ContainsSubstring(file + " is not a regular file")));
    }
    SECTION("a credential that nobody gave")
    {
        bench.repository.password.file.clear();
        bench.repository.password.credential = "nas-key";
        CHECK_THROWS_MATCHES(bench.backup(), Failure, MessageMatches(ContainsSubstring("the credential nas-key is not there")));
        bench.installation.credentials_directory = bench.top / "credentials";
        CHECK_THROWS_MATCHES(bench.backup(), Failure, MessageMatches(ContainsSubstring("the credential nas-key is not there")));
    }
    CHECK(bench.starts == 0);
    CHECK_FALSE(fs::exists(bench.top / "source/ran"));
}

TEST_CASE("a password comes from a credential")
{
    StandInBench bench;
    bench.repository.password.file.clear();
    bench.repository.password.credential = "nas-key";
    bench.installation.credentials_directory = bench.top / "credentials";
    Bench::write(bench.top / "credentials/nas-key", "sealed\n");
    bench.backing_up("cat $RESTIC_PASSWORD_FILE >$top/source/password; printf '%s\\n' \"$summary\"");
    CHECK(bench.backup().outcome == Outcome::success);
    CHECK(Bench::read(bench.top / "source/password") == "sealed");
}
