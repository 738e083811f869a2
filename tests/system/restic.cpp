// SPDX-License-Identifier: MIT
// What exec/restic promises, with the real restic and setpriv of the machine.
#include "tests/system/restic-bench.hpp"

#include "exec/restic/tags.hpp"
#include "job/error.hpp"

#include <algorithm>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <ctime>
#include <nlohmann/json.hpp>
#include <sstream>
#include <sys/stat.h>
#include <sys/wait.h>

using namespace igotchuu;
using namespace igotchuu::restic;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
namespace fs = std::filesystem;

namespace
{

/// A bench whose repository is the embedded one, at places of its own.
struct EmbeddedBench : Bench {
    EmbeddedBench()
    {
        repository.file.clear();
        repository.location = top / "state/repository";
        repository.password.file = top / "state/repository.key";
        fs::create_directories(top / "state");
    }
    [[nodiscard]] std::vector<std::string> state() const
    {
        std::vector<std::string> names;
        for (const auto &entry : fs::directory_iterator{top / "state"})
            names.push_back(entry.path().filename());
        std::ranges::sort(names);
        return names;
    }
};

/// The machine's time zone, for one test.
class TimeZone
{
public:
    explicit TimeZone(const char *zone) : before_{fs::read_symlink(path)} { set(fs::path{"/usr/share/zoneinfo"} / zone); }
    ~TimeZone() { set(before_); }
    TimeZone(const TimeZone &) = delete;
    TimeZone &operator=(const TimeZone &) = delete;

private:
    static constexpr const char *path = "/etc/localtime";
    static void set(const fs::path &to)
    {
        fs::remove(path);
        fs::create_symlink(to, path);
        tzset();
    }
    fs::path before_;
};

} // namespace

TEST_CASE("the first use makes the embedded repository, and the next run is one start of restic")
{
    EmbeddedBench bench;
    const auto first = bench.backup();
    INFO(first.message);
    CHECK(first.outcome == Outcome::success);
    CHECK(first.repository == "test");
    CHECK(first.message.empty());
    CHECK(first.summary.total_files_processed == 1);
    CHECK(bench.starts == 2);
    CHECK(bench.state() == std::vector<std::string>{"repository", "repository.key"});
    struct stat key{}, repository{};
    REQUIRE(stat(bench.repository.password.file.c_str(), &key) == 0);
    REQUIRE(stat(bench.repository.location.c_str(), &repository) == 0);
    CHECK((key.st_mode & 07777) == 0600);
    CHECK(key.st_size == 65);
    CHECK((repository.st_mode & 07777) == 0700);

    const auto secret = Bench::read(bench.repository.password.file);
    bench.instant += 1s;
    CHECK(bench.backup().outcome == Outcome::success);
    CHECK(bench.starts == 3);
    CHECK(Bench::read(bench.repository.password.file) == secret);

    const auto snapshots = nlohmann::json::parse(bench.restic({"snapshots", "--json"}));
    REQUIRE(snapshots.size() == 2);
    CHECK(snapshots[0]["id"] == first.summary.snapshot_id);
    CHECK(snapshots[0]["tags"] == nlohmann::json(own_tags("home")));
    CHECK(snapshots[0]["tags"].size() == 2);
    CHECK(snapshots[1]["parent"] == first.summary.snapshot_id);
}

TEST_CASE("two jobs that use the embedded repository for the first time at once share one key and one repository")
{
    EmbeddedBench bench;
    std::vector<pid_t> jobs;
    for (int i = 0; i < 2; ++i) {
        const auto pid = fork();
        if (pid == 0)
            _exit(bench.backup().outcome == Outcome::success ? 0 : 1);
        jobs.push_back(pid);
    }
    for (const auto pid : jobs) {
        int status = -1;
        REQUIRE(waitpid(pid, &status, 0) == pid);
        CHECK(status == 0);
    }
    CHECK(bench.state() == std::vector<std::string>{"repository", "repository.key"});
    CHECK(nlohmann::json::parse(bench.restic({"snapshots", "--json"})).size() == 2);
}

TEST_CASE("a first use that was killed half way is begun again")
{
    EmbeddedBench bench;
    Bench::write(bench.top / "state/repository.new/keys" / std::string(64, 'c'), "x");
    Bench::write(bench.top / "state/repository.key.new", "half");
    SECTION("with nothing where the repository belongs") {}
    SECTION("with an empty directory for the repository")
    {
        fs::create_directory(bench.repository.location);
    }
    const auto result = bench.backup();
    INFO(result.message);
    CHECK(result.outcome == Outcome::success);
    CHECK(fs::exists(bench.repository.location + "/config"));
    CHECK_FALSE(fs::exists(bench.repository.location + ".new"));
    (void)bench.restic({"check"});
}

TEST_CASE("an embedded repository whose key is lost is never made anew, and neither is a key")
{
    EmbeddedBench bench;
    REQUIRE(bench.backup().outcome == Outcome::success);
    fs::remove(bench.repository.password.file);
    bench.starts = 0;
    CHECK_THROWS_MATCHES(bench.backup(), Failure, MessageMatches(ContainsSubstring("put the key back")));
    CHECK(bench.starts == 0);
    CHECK(bench.state() == std::vector<std::string>{"repository"});
}

TEST_CASE("a first use that was killed between key and repository is ended, with the very repository that the key opens")
{
    EmbeddedBench bench;
    REQUIRE(bench.backup().outcome == Outcome::success);
    fs::rename(bench.repository.location, bench.repository.location + ".new");
    bench.instant += 1s;
    const auto result = bench.backup();
    INFO(result.message);
    CHECK(result.outcome == Outcome::success);
    CHECK(nlohmann::json::parse(bench.restic({"snapshots", "--json"})).size() == 2);
    CHECK(bench.state() == std::vector<std::string>{"repository", "repository.key"});
}

TEST_CASE("an embedded repository that is gone is never made anew: its disk may not be mounted")
{
    EmbeddedBench bench;
    REQUIRE(bench.backup().outcome == Outcome::success);
    fs::remove_all(bench.repository.location);
    SECTION("with nothing in its place") {}
    SECTION("with an empty directory in its place")
    {
        fs::create_directory(bench.repository.location);
    }
    const auto before = bench.state();
    CHECK_THROWS_MATCHES(bench.backup(), Failure, MessageMatches(ContainsSubstring("is its disk mounted?")));
    CHECK(bench.state() == before);
}

TEST_CASE("an embedded repository that is broken is left as it is")
{
    EmbeddedBench bench;
    REQUIRE(bench.backup().outcome == Outcome::success);
    fs::remove(bench.repository.location + "/config");
    const auto result = bench.backup();
    CHECK(result.outcome == Outcome::failed);
    CHECK_THAT(result.message, ContainsSubstring("there is no repository at"));
    CHECK_FALSE(fs::exists(bench.repository.location + "/config"));
}

TEST_CASE("a repository that is not there is not made")
{
    Bench bench;
    bench.repository.location = bench.top / "mnt/usb/r";
    fs::create_directories(bench.top / "mnt/usb");
    const auto result = bench.backup();
    CHECK(result.outcome == Outcome::pending);
    CHECK_THAT(result.message,
               ContainsSubstring("there is no repository at " + bench.repository.location + " (is its disk mounted?)"));
    CHECK(fs::is_empty(bench.top / "mnt/usb"));
    CHECK(bench.starts == 0);
}

TEST_CASE("a wrong password is named with the file that it came from")
{
    Bench bench;
    bench.init();
    Bench::write(bench.top / "password", "another\n");
    const auto result = bench.backup();
    CHECK(result.outcome == Outcome::failed);
    CHECK_THAT(result.message, ContainsSubstring(bench.repository.password.file + " is wrong"));
}

TEST_CASE("a stopped backup leaves no lock in the repository")
{
    Bench bench;
    bench.init();
    bench.installation.grace = 60s;
    std::string noise(6 * 1024 * 1024, '\0');
    std::ifstream{"/dev/urandom", std::ios::binary}.read(noise.data(), static_cast<std::streamsize>(noise.size()));
    Bench::write(bench.top / "source/noise", noise);
    bench.job.restic_args = {"--limit-upload=2048"};
    bench.on_progress = [](const Progress &now) {
        if (now.bytes_done > 0)
            Bench::ask_to_stop();
    };
    const auto result = bench.backup();
    INFO(result.message);
    CHECK(result.outcome == Outcome::stopped);
    CHECK(bench.restic({"list", "locks", "--no-lock"}).empty());
    CHECK(bench.restic({"snapshots", "--json"}).starts_with("[]"));
}

TEST_CASE("a stop that was asked for before restic started is a stop, and restic never runs")
{
    Bench bench;
    Bench::ask_to_stop();
    CHECK(bench.backup().outcome == Outcome::stopped);
    CHECK(bench.starts == 0);
}

TEST_CASE("a repository of somebody else stays theirs, and files that they cannot read are in it")
{
    Bench bench;
    bench.init();
    for (const auto &entry : fs::recursive_directory_iterator{bench.repository.location})
        REQUIRE(chown(entry.path().c_str(), 1000, 1000) == 0);
    REQUIRE(chown(bench.repository.location.c_str(), 1000, 1000) == 0);
    fs::permissions(bench.top / "source/a", fs::perms{0600});

    const auto result = bench.backup();
    INFO(result.message);
    CHECK(result.outcome == Outcome::success);
    CHECK(bench.restic({"dump", "latest", bench.top / "source/a"}) == "a\n");
    for (const auto &entry : fs::recursive_directory_iterator{bench.repository.location + "/snapshots"}) {
        struct stat info{};
        REQUIRE(stat(entry.path().c_str(), &info) == 0);
        CHECK(info.st_uid == 1000);
    }
}

TEST_CASE("sources and left out paths are taken by their letters, patterns as patterns")
{
    Bench bench;
    bench.init();
    const auto source = bench.top / "Fotos [2024]";
    for (const auto *name :
         {"a", "x*y/1", "xzy/1", "q?/1", "qq/1", "b\\c/1", "[n]/1", "n/1", "**/1", "$RECYCLE.BIN/1", "keep.me", "drop.tmp"})
        Bench::write(source / name, "1");
    bench.job.sources = {source, bench.top / "-n"};
    Bench::write(bench.top / "-n/a", "1");
    for (const auto *name : {"x*y", "q?", "b\\c", "[n]", "**"})
        bench.leave_out.push_back(source / name);
    bench.job.exclude = {"$RECYCLE.BIN", "*.tmp"};

    const auto result = bench.backup();
    INFO(result.message);
    REQUIRE(result.outcome == Outcome::success);
    std::vector<std::string> files;
    std::istringstream lines{bench.restic({"ls", "latest", "--json"})};
    for (std::string line; std::getline(lines, line);)
        if (const auto node = nlohmann::json::parse(line); node.value("type", "") == "file")
            files.push_back(fs::path{node.value("path", "")}.lexically_relative(bench.top));
    std::ranges::sort(files);
    CHECK(files == std::vector<std::string>{"-n/a", "Fotos [2024]/a", "Fotos [2024]/keep.me", "Fotos [2024]/n/1",
                                            "Fotos [2024]/qq/1", "Fotos [2024]/xzy/1"});
}

TEST_CASE("the snapshot's time is the instant, in the machine's own zone, also in the hour that comes twice")
{
    Bench bench;
    bench.init();
    const TimeZone zone{"Europe/Berlin"};
    using std::chrono::sys_days;
    const auto stored = [&](std::chrono::system_clock::time_point instant) {
        bench.instant = instant;
        const auto result = bench.backup();
        INFO(result.message);
        REQUIRE(result.outcome == Outcome::success);
        const auto snapshots = nlohmann::json::parse(bench.restic({"snapshots", "--json", result.summary.snapshot_id}));
        return snapshots[0]["time"].get<std::string>();
    };
    CHECK(stored(sys_days{2026y / 7 / 1} + 12h + 5s + 700ms) == "2026-07-01T14:00:05+02:00");
    CHECK(stored(sys_days{2026y / 10 / 25} + 0h + 30min) == "2026-10-25T00:30:00Z");
    CHECK(stored(sys_days{2026y / 10 / 25} + 1h + 30min) == "2026-10-25T01:30:00Z");
    CHECK(stored(sys_days{2026y / 10 / 25} + 2h + 30min) == "2026-10-25T03:30:00+01:00");
    CHECK(stored(sys_days{2026y / 3 / 29} + 1h) == "2026-03-29T03:00:00+02:00");
}

TEST_CASE("a source without a file is a success, one whose files were all left out is not")
{
    Bench bench;
    bench.init();
    SECTION("without a file")
    {
        fs::remove(bench.top / "source/a");
        fs::create_symlink("/etc/passwd", bench.top / "source/link");
        CHECK(bench.backup().outcome == Outcome::success);
    }
    SECTION("all left out")
    {
        bench.job.exclude = {"*"};
        CHECK(bench.backup().outcome == Outcome::failed);
    }
}

TEST_CASE("a run that made no snapshot is no success, whatever restic says")
{
    Bench bench;
    bench.init();
    bench.job.restic_args = {"--dry-run"};
    const auto result = bench.backup();
    CHECK(result.outcome == Outcome::failed);
    CHECK_THAT(result.message, ContainsSubstring("made no snapshot"));
}

TEST_CASE("the installed restic has the flag that keeps unchanged trees unchanged, and is asked only once")
{
    Bench bench;
    const auto found = features(bench.stop, bench.installation);
    CHECK(found.version.starts_with("0."));
    CHECK(found.device_id_for_hardlinks);
    bench.installation.setpriv = "/usr/bin/false"; // nothing can be asked any more
    CHECK(features(bench.stop, bench.installation).version == found.version);
}
