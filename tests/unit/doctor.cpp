// SPDX-License-Identifier: MIT
#include "cli/doctor/doctor.hpp"
#include "cli/doctor/see-sources.hpp"
#include "tests/unit/little-root.hpp"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

using namespace igotchuu;
using namespace igotchuu::doctor;
using namespace std::chrono_literals;

namespace
{

const Clock::time_point now{1'800'000'000s};

Repository elsewhere(const std::string &name)
{
    Repository repository;
    repository.name = name;
    repository.file = "/etc/igotchuu/repositories/" + name + ".toml";
    repository.location = "sftp:nas:/srv";
    repository.password.file = "/etc/igotchuu/key";
    return repository;
}

Repository embedded()
{
    Repository repository;
    repository.name = "default";
    repository.location = "/var/lib/igotchuu/repository";
    return repository;
}

/// A machine on which all is well: one job, whose backups go elsewhere.
Seen sound()
{
    Job job;
    job.name = job.instance = "home";
    job.file = "/etc/igotchuu/jobs/home.toml";
    job.sources = {"/home"};
    job.repositories = {elsewhere("nas")};
    Seen seen;
    seen.jobs.push_back({.name = "home",
                         .instance = "home",
                         .file = job.file,
                         .job = job,
                         .loaded = true,
                         .sources = {{.path = "/home", .disks = {"sda"}}}});
    seen.repositories.push_back({.repository = elsewhere("nas"),
                                 .instance = "nas",
                                 .loaded = true,
                                 .recovery_key = RepositorySeen::RecoveryKey::confirmed});
    seen.timers.push_back({.unit = "igotchuu@home.timer", .of = "home"});
    seen.btrfs.push_back({.id = "1", .path = "/home"});
    seen.spaces.push_back({.path = "/var/cache/igotchuu", .all = 100, .free = 50});
    seen.clock = ClockSeen{.now = now, .newest = now - 1h};
    seen.restic = ResticSeen{.path = "/usr/bin/restic", .version = "0.18.0"};
    return seen;
}

/// The one ailment of what was made wrong.
Ailment only(const Seen &seen)
{
    const auto found = examine(seen);
    REQUIRE(found.size() == 1);
    CHECK_FALSE(found.front().why.empty());
    CHECK_FALSE(found.front().cure.empty());
    return found.front();
}

bool is(const Ailment &ailment, std::string_view check, Severity severity, std::string_view about)
{
    INFO(ailment.check << ' ' << to_string(ailment.severity) << ' ' << ailment.about);
    CHECK(ailment.check == check);
    CHECK(ailment.about == about);
    return ailment.severity == severity;
}

} // namespace

TEST_CASE("a sound machine is well, and it is said what was looked at")
{
    const auto seen = sound();
    CHECK(examine(seen).empty());
    const auto text = summary(seen, {});
    CHECK(text.starts_with("all is well: "));
    CHECK(text.ends_with(" checks of 1 job, 1 source, 1 repository and 1 timer"));
}

TEST_CASE("what could not be seen is never well")
{
    auto seen = sound();
    seen.unseen.emplace_back("the timers");
    CHECK(examine(seen).empty());
    CHECK_FALSE(summary(seen, {}).contains("all is well"));
    CHECK(nlohmann::json::parse(to_json(seen, {}))["status"] == "unknown");
}

TEST_CASE("the worst comes first, and each check has a word of its own")
{
    auto seen = sound();
    seen.btrfs[0].quota_groups = true;
    seen.jobs[0].sources[0].swap_file = "/home/swap";
    const auto found = examine(seen);
    REQUIRE(found.size() == 2);
    CHECK(found[0].check == "swap-file");
    CHECK(found[1].check == "quota-groups");
    CHECK(summary(seen, found).starts_with("1 critical, 1 warning: "));
    std::set<std::string_view> names;
    for (const auto &check : checks())
        CHECK(names.insert(check.name).second);
}

TEST_CASE("a swap file is told that lies in a nested subvolume of a source, whatever it is called by, and is not left out")
{
    const LittleRoot root;
    const MountTable mounts{root.write("/mountinfo", "21 1 0:20 /@ / rw - btrfs /dev/sda1 rw\n"
                                                     "22 21 0:20 /@home /home rw - btrfs /dev/sda1 rw\n"
                                                     "23 21 0:20 /@swap /swap rw - btrfs /dev/sda1 rw\n"
                                                     "24 21 0:20 / /mnt/top rw - btrfs /dev/sda1 rw\n"
                                                     "25 21 0:40 /@ /other rw - btrfs /dev/sdb1 rw\n"
                                                     "26 21 8:1 / /ext4 rw - ext4 /dev/sdc1 rw\n")
                                .c_str()};
    const auto places = [&](const std::string &source, const SwapSeen &swap, std::vector<std::string> exclude = {}) {
        Job job;
        job.sources = {source};
        if (source == "/")
            job.sources.emplace_back("/srv/mail");
        job.exclude = std::move(exclude);
        std::vector<std::string> all;
        for (const auto &one : swap_in_nested(job, source, {swap}, mounts)) {
            CHECK(one.file == swap.file);
            all.push_back(one.subvolume);
        }
        return all;
    };
    using Paths = std::vector<std::string>;
    const SwapSeen nested{"/var/swap/deep/file", "/var/swap"};
    CHECK(places("/", nested) == Paths{"/var/swap"});
    CHECK(places("/var", nested) == Paths{"/var/swap"});
    CHECK(places("/", {"/mnt/top/@/var/swap/file", "/mnt/top/@/var/swap"}) == Paths{"/var/swap"});
    CHECK(places("/", nested, {"/var/swap"}).empty());
    CHECK(places("/", nested, {"/var"}).empty());
    CHECK(places("/", nested, {"/var/swap/deep/file"}) == Paths{"/var/swap"}); // the subvolume would be frozen all the same
    CHECK(places("/", {"/srv/mail/swap/file", "/srv/mail/swap"}).empty()); // another source of the job tells it
    CHECK(places("/srv", nested).empty());
    CHECK(places("/home", nested).empty());
    CHECK(places("/", {"/swap/file", "/swap"}).empty()); // mounted below it, and not nested in it
    CHECK(places("/mnt/top", {"/swap/file", "/swap"}) == Paths{"/mnt/top/@swap"});
    CHECK(places("/", {"/other/swap/file", "/other/swap"}).empty()); // another btrfs
    CHECK(places("/home", {"/home/file", "/home"}).empty()); // its own, which is worse
    CHECK(places("/ext4", {"/ext4/file", "/ext4"}).empty());
}

TEST_CASE("each thing that is wrong is one line, with what helps")
{
    auto seen = sound();
    auto &job = seen.jobs[0];
    SECTION("a fault in a file")
    {
        job.fault = "/etc/igotchuu/jobs/home.toml:1:1: no";
        CHECK(is(only(seen), "job-file", Severity::critical, "home"));
        CHECK(only(seen).cure == "igotchuu validate /etc/igotchuu/jobs/home.toml");
    }
    SECTION("a file that systemd has not read again")
    {
        job.loaded = false;
        CHECK(is(only(seen), "reload", Severity::critical, "home"));
    }
    SECTION("one whose loading was not seen is no ailment")
    {
        job.loaded.reset();
        CHECK(examine(seen).empty());
    }
    SECTION("a source that no run can back up")
    {
        job.sources[0].trouble = {"the source /home is not there", ""};
        CHECK(is(only(seen), "source", Severity::critical, "home"));
        CHECK(only(seen).cure == "igotchuu edit home: \"sources\"");
    }
    SECTION("another file system")
    {
        job.sources[0].others = {"/home/usb"};
        CHECK(is(only(seen), "other-file-system", Severity::warning, "home"));
        CHECK(only(seen).cure.contains("name /home/usb in \"sources\""));
    }
    SECTION("a swap file in a nested subvolume")
    {
        job.sources[0].swap_below = {{"/home/swap/file", "/home/swap"}};
        CHECK(is(only(seen), "swap-file", Severity::warning, "home"));
        CHECK(only(seen).why.contains("/home/swap/file lies in the subvolume /home/swap"));
        CHECK(only(seen).why.contains("each is partial"));
        CHECK(only(seen).cure.contains("igotchuu edit home: name /home/swap in \"exclude\""));
    }
    SECTION("read-only subvolumes")
    {
        job.sources[0].read_only = {"/home/a", "/home/b", "/home/c"};
        CHECK(is(only(seen), "read-only-subvolume", Severity::warning, "home"));
        CHECK(only(seen).why.contains("3 read-only subvolumes below /home are in no backup"));
        CHECK(only(seen).why.contains("/home/a and 2 more"));
    }
    SECTION("runs that are not as they should be, of several jobs: one line")
    {
        seen.jobs.push_back(sound().jobs[0]);
        seen.jobs[0].runs = Severity::warning;
        seen.jobs[1].runs = Severity::critical;
        CHECK(is(only(seen), "runs", Severity::critical, "home and 1 more"));
    }
    SECTION("a recovery key that nobody has confirmed, and none")
    {
        seen.repositories[0].recovery_key = RepositorySeen::RecoveryKey::unconfirmed;
        CHECK(only(seen).cure == "igotchuu repository confirm nas");
        seen.repositories[0].recovery_key = RepositorySeen::RecoveryKey::none;
        CHECK(only(seen).cure == "igotchuu repository init nas");
        seen.repositories[0].repository.password = {
            .file = {}, .credential = {}, .command = {"/bin/pass"}}; // it is not on this machine
        CHECK(examine(seen).empty());
    }
    SECTION("orphans")
    {
        seen.timers_without_file = {"igotchuu@gone.timer"};
        CHECK(is(only(seen), "orphan", Severity::critical, "igotchuu@gone.timer"));
        seen.timers_without_file.clear();
        seen.kept_without_job = {"gone"};
        CHECK(is(only(seen), "orphan", Severity::warning, "gone"));
    }
    SECTION("other programs")
    {
        seen.other_timers = {"restic-backups-home.timer"};
        CHECK(only(seen).cure.contains("systemctl disable --now restic-backups-home.timer"));
        seen.other_timers.clear();
        seen.other_files = {"/etc/cron.d/borgmatic"};
        CHECK(is(only(seen), "other-backup", Severity::warning, "/etc/cron.d/borgmatic"));
    }
    SECTION("no job at all, but not where jobs may not be seen")
    {
        seen.jobs.clear();
        CHECK(is(only(seen), "no-job", Severity::warning, "jobs"));
        seen.unseen.emplace_back("the jobs");
        CHECK(examine(seen).empty());
    }
    SECTION("what of igotchuu is missing")
    {
        seen.missing = {{Severity::warning, "/x", {"it is missing", "install igotchuu again"}}};
        CHECK(is(only(seen), "installation", Severity::warning, "/x"));
        seen.missing.clear();
        seen.cache = {"it is read-only", "mount"};
        CHECK(is(only(seen), "cache", Severity::critical, "cache"));
    }
}

TEST_CASE("a timer that is dead is as bad as what it leaves undone")
{
    using enum TimerSeen::State;
    for (const auto &[work, severity] :
         {std::pair{TimerSeen::Work::backup, Severity::critical}, std::pair{TimerSeen::Work::look, Severity::warning},
          std::pair{TimerSeen::Work::maintenance, Severity::warning}})
        for (const auto state : {off, masked, unusable, never_again}) {
            auto seen = sound();
            seen.timers[0].work = work;
            seen.timers[0].state = state;
            CHECK(is(only(seen), "timer", severity, "home"));
        }
}

TEST_CASE("backups that die with the files are critical, and those of the embedded repository alone are never well")
{
    auto seen = sound();
    auto &job = seen.jobs[0];
    SECTION("the embedded repository, on the disk of the files")
    {
        job.job->repositories = {embedded()};
        seen.repositories = {{.repository = embedded(), .instance = "default", .disks = {"sda"}}};
        CHECK(is(only(seen), "one-disk", Severity::critical, "home"));
        CHECK(only(seen).why.contains("one disk (sda)"));
        CHECK(only(seen).cure.contains("/etc/igotchuu/repositories/default.toml"));
    }
    SECTION("the embedded repository, on another disk of the same machine")
    {
        job.job->repositories = {embedded()};
        seen.repositories = {{.repository = embedded(), .instance = "default", .disks = {"sdb"}}};
        CHECK(is(only(seen), "embedded-repository", Severity::warning, "home"));
    }
    SECTION("one that is beside another, elsewhere, is no ailment")
    {
        job.job->repositories.push_back(embedded());
        seen.repositories.push_back({.repository = embedded(), .instance = "default", .disks = {"sda"}});
        CHECK(examine(seen).empty());
    }
    SECTION("a repository of a file, on one of several disks of the files")
    {
        seen.repositories[0].disks = {"sdb"};
        CHECK(examine(seen).empty());
        job.sources[0].disks = {"sda", "sdb"};
        CHECK(is(only(seen), "one-disk", Severity::critical, "home"));
        CHECK(only(seen).cure.starts_with("igotchuu edit home"));
    }
}

TEST_CASE("a clock that nobody sets is a warning, one that is behind what has happened is critical")
{
    auto seen = sound();
    seen.clock->synchronised = false;
    CHECK(is(only(seen), "clock", Severity::warning, "clock"));
    seen.clock->synchronised = true;
    seen.clock->newest = now + 30min; // of another machine
    CHECK(examine(seen).empty());
    seen.clock->newest = now + 2h;
    CHECK(is(only(seen), "clock", Severity::critical, "clock"));
    seen.clock = ClockSeen{.now = Clock::time_point{1'500'000'000s}};
    CHECK(is(only(seen), "clock", Severity::critical, "clock"));
}

TEST_CASE("a restic that is missing, or older than what each run needs, is critical")
{
    auto seen = sound();
    for (const auto *const version : {"0.17.0", "0.17.3-dev", "0.100.1", "1.0.0"}) {
        seen.restic->version = version;
        CHECK(examine(seen).empty());
    }
    for (const auto *const version : {"0.16.5", "0.9", "0.", "", "x"}) {
        INFO(version);
        seen.restic->version = version;
        CHECK(is(only(seen), "restic", Severity::critical, "restic"));
    }
    seen.restic = ResticSeen{.path = "/usr/bin/restic", .failure = "it cannot be run"};
    CHECK(only(seen).why == "it cannot be run");
}

TEST_CASE("little room is a share of the file system, and an amount")
{
    constexpr std::uint64_t gib = 1U << 30U;
    auto seen = sound();
    seen.spaces[0] = {.path = "/var/cache/igotchuu", .all = 100 * gib, .free = 4 * gib};
    CHECK(is(only(seen), "space", Severity::warning, "/var/cache/igotchuu"));
    seen.spaces[0].free = 6 * gib;
    CHECK(examine(seen).empty());
    seen.spaces[0] = {.path = "/srv", .all = 1000 * gib, .free = 20 * gib};
    CHECK(examine(seen).empty());
    seen.spaces[0] = {.path = "/srv", .of = "its metadata", .all = gib, .free = 0};
    CHECK(only(seen).cure == "btrfs filesystem usage /srv");
}

TEST_CASE("the JSON is one line that others can read, whatever the names are")
{
    auto seen = sound();
    seen.jobs[0].name = "ho\nme\xff\x1b[31m";
    seen.jobs[0].loaded = false;
    const auto found = examine(seen);
    const auto text = to_json(seen, found);
    CHECK_FALSE(text.contains('\n'));
    const auto json = nlohmann::json::parse(text);
    CHECK(json["schema"] == 1);
    CHECK(json["status"] == "critical");
    CHECK(json["found"][0]["check"] == "reload");
    CHECK_FALSE(json["found"][0]["about"].get<std::string>().contains('\x1b'));
    CHECK(json["unseen"].empty());
}
