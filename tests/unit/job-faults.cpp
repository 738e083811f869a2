// SPDX-License-Identifier: MIT
#include "job/wait.hpp"
#include "tests/unit/job-text.hpp"

#include <catch2/catch_test_macros.hpp>
#include <format>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace igotchuu;
using namespace igotchuu::test;

namespace
{

std::string repeated(std::string_view text, std::size_t times)
{
    std::string all;
    while (times-- > 0)
        all += text;
    return all;
}

} // namespace

TEST_CASE("an unknown key is named with its place and the nearest known key")
{
    CHECK(faults_of("sources = [\"/a\"]\n  exlcude = []\n") ==
          "/etc/igotchuu/jobs/a.toml:2:3: unknown key \"exlcude\"; did you mean \"exclude\"?");
    CHECK(faults_of(with("kept = { daily = 7 }")).contains(":2:1: unknown key \"kept\""));
    CHECK(faults_of(with("keep = { dayly = 7 }")).contains(":2:10: unknown key \"keep.dayly\"; did you mean \"keep.daily\"?"));
    CHECK(faults_of(with("\"a\\nb\" = 1")).contains("unknown key \"a\\x0ab\""));
}

TEST_CASE("a rule of what to keep that could forget too much is refused")
{
    for (const auto *rule : {"daily = 0", "daily = -1", "last = 1.5", "weekly = \"7\"", "yearly = 1000001", "monthly = true"})
        CHECK(faults_of(with(std::string{"keep."} + rule)).contains("expected a whole number from 1 to 1000000, found"));
    for (const auto *duration : {"", "7", "d", "7w", "-7d", "7d7d", "1h1d", "0d", "0y0h", "7 d", "7D", "123456d", "7dd", "d7"})
        CHECK(faults_of(with(std::format("keep = {{ within-daily = \"{}\" }}", duration)))
                  .contains("keep.within-daily: expected a duration of years, months, days and hours"));
    CHECK(faults_of(with("keep.within = 7")).contains("keep.within: expected a duration"));
    CHECK(faults_of(with("keep = 7")).contains("keep: expected a table, found the whole number 7"));
    CHECK(faults_of(with("keep.tags = [\"a\"]")).contains(":2:13: keep.tags: says what stays beside the rest"));
    CHECK(faults_of(with("keep.tags = [\"\"]\nkeep.last = 1")).contains("keep.tags: an empty text"));
}

TEST_CASE("all faults of all files come at once, each with the file that holds it")
{
    const LittleRoot root;
    root.write("/etc/igotchuu/defaults.toml", "nested-max = -1\n");
    root.write("/etc/igotchuu/repositories/nas.toml", "location = 5\n");
    root.write("/etc/igotchuu/jobs/a.toml", "sources = \"/home\"\nrepositories = [\"nas\"]\nsnapshot = \"zsf\"\nkeep_dayly = 7\n");
    root.write("/run/igotchuu/jobs/a.toml.d/x.toml", "\nexclude-caches = \"yes\"\n");
    CHECK(faults(root.search_path(), "a") ==
          "/etc/igotchuu/jobs/a.toml:1:11: sources: expected an array of absolute paths, found a text; put it into [ ]\n"
          "/etc/igotchuu/jobs/a.toml:3:12: snapshot: expected \"auto\", \"btrfs\", \"zfs\", \"lvm-thin\", \"command\", \"none\", "
          "found \"zsf\"; did you mean "
          "\"zfs\"?\n"
          "/etc/igotchuu/jobs/a.toml:4:1: unknown key \"keep_dayly\"; did you mean \"keep.daily\"?\n"
          "/run/igotchuu/jobs/a.toml.d/x.toml:2:18: exclude-caches: expected true or false, found a text\n"
          "/etc/igotchuu/defaults.toml:1:14: nested-max: expected a whole number from 0 to 100000, found the whole number -1\n"
          "/etc/igotchuu/repositories/nas.toml: needs one of the keys \"password-file\", \"password-credential\" and "
          "\"password-command\"\n"
          "/etc/igotchuu/repositories/nas.toml:1:12: location: expected a text, found the whole number 5");
}

TEST_CASE("a wrong type says what was expected and what was found")
{
    CHECK(faults_of(with("nested-max = 1.5"))
              .contains(":2:14: nested-max: expected a whole number from 0 to 100000, found the fraction 1.5"));
    CHECK(faults_of(with("nested-max = 100001")).contains("found the whole number 100001"));
    CHECK(faults_of(with("description = 1979-05-27")).contains("expected a text, found a date or time"));
    CHECK(faults_of(with("exclude = [\"a\", [1]]")).contains(":2:17: exclude: expected an array of texts, found an array in it"));
    CHECK(faults_of(with("timer = \"daily\"")).contains("expected a table of systemd's own keys, found a text"));
    CHECK(faults_of(with("repositories = []")).contains("needs at least one element"));
    CHECK(faults_of("sources = []").contains("needs at least one element"));
    CHECK(faults_of("description = \"x\"") ==
          "/etc/igotchuu/jobs/a.toml: the key \"sources\" is missing: which directories shall be backed up?");
}

TEST_CASE("thousands of faults are a hundred and a count, in no time")
{
    std::string text{sound}, sources = "sources = [";
    for (int i = 0; i < 15'000; ++i)
        text += std::format("excludf{} = 1\n", i);
    CHECK(faults_of(text).ends_with("\n/etc/igotchuu/jobs/a.toml: and 14900 more"));
    for (int i = 0; i < 20'000; ++i)
        sources += "\"/x\",";
    CHECK(faults_of(sources + "\"/x\"]").ends_with("and 19900 more"));
    std::string settings = with("[service]\n");
    for (int i = 0; i < 10'000; ++i)
        settings += std::format("MemoryHogh{} = 1\n", i);
    CHECK(job_of(settings).warnings.size() == 101);
}

TEST_CASE("a program without its method, and a method without its program, are named")
{
    const auto command = [](std::string_view lines) { return faults_of(with("snapshot = \"command\"\n" + std::string{lines})); };
    CHECK(command("").ends_with(":2:12: snapshot: \"command\" needs the key \"prepare\": which program freezes the sources?"));
    CHECK(command("prepare = [\"/bin/x\", \"y\"]\ncleanup = [\"x@1.service\"]\nprepared = [\"/x\"]").empty());
    CHECK(command("prepare = [\"x\"]")
              .contains(":3:12: prepare: \"x\" is not the absolute path of a program, nor, alone, the name of a unit"));
    CHECK(command("prepare = [\"x.service\", \"y\"]").contains("is not the absolute path of a program"));
    CHECK(command("prepare = [\"/bin/x\"]\ncleanup = [\"bin/x\"]").contains(":4:12: cleanup: \"bin/x\" is not"));
    CHECK(command("prepare = [\"x.service\"]").contains(":3:11: prepare: a unit prints nothing; the key \"prepared\""));
    CHECK(command("prepare = [\"/bin/x\"]\nprepared = [\"/x\", \"/y\"]").contains("does not name: 1, not 2"));
    CHECK(command("prepare = [\"/bin/x\"]\nprepare-user = \"a b\"").contains("\"a b\" cannot be a user's name"));
    CHECK(command("prepare = [\"/bin/x\"]\nprepare-user = \"\"").contains("cannot be a user's name"));
    CHECK(command("prepare = [\"x.service\"]\nprepared = [\"/x\"]\nprepare-user = \"a\"")
              .contains("units have a User= of their own"));
    for (const auto *line :
         {"prepare = [\"/x\"]", "cleanup = [\"/x\"]", "prepared = [\"/x\"]", "prepare-user = \"x\"", "prepare-timeout = 5"})
        CHECK(faults_of(with(line)).contains("only a job with snapshot = \"command\" has a use for it"));
    CHECK(faults_of(with("exec-before-snapshot = [\"x.service\"]")).contains(":2:25: exec-before-snapshot: \"x.service\" is not"));
    CHECK(faults_of(with("exec-before-snapshot = [\"/bin/x\"]\nprepare-timeout = 5")).empty());

    const LittleRoot root; // the defaults are for those that have a use for them
    root.write("/etc/igotchuu/defaults.toml", "prepare-user = \"backup\"\nprepare-timeout = 7\n");
    root.write("/etc/igotchuu/jobs/a.toml", std::string{sound});
    root.write("/etc/igotchuu/jobs/b.toml", with("snapshot = \"command\"\nprepare = [\"/bin/x\"]"));
    CHECK(faults(root.search_path(), "a").empty());
    CHECK(load_job(root.search_path(), "b").prepare_user == "backup");
}

TEST_CASE("an objective is some hours, and less than a year and a day; or none")
{
    const auto said = [](std::string_view line) { return faults_of(with(line)); };
    CHECK(said("objective-hours = 0").empty());
    CHECK(said("objective-hours = 1").empty());
    CHECK(said("objective-hours = 8784").empty());
    for (const std::string_view wrong : {"8785", "-1", "\"1d\"", "1.5"})
        CHECK(said("objective-hours = " + std::string{wrong}).contains(":2:19: objective-hours: "));
    CHECK(said("objective-hour = 26").contains("did you mean \"objective-hours\"?"));
}

TEST_CASE("a program that holds is an argument list in a list, of a job that has an instant")
{
    const auto hold = [](std::string_view lines) { return faults_of(with(lines)); };
    CHECK(hold("hold = [[\"/bin/x\", \"y\"], [\"/z\"]]\nhold-user = \"a\"\nhold-timeout = 5").empty());
    CHECK(
        hold("hold = [\"/bin/x\", \"y\"]")
            .contains(":2:9: hold: expected an array of programs, each an array of texts: [[\"/path/of/one\", \"its argument\"]], "
                      "found a text in it"));
    CHECK(hold("hold = \"/bin/x\"").contains(":2:8: hold: expected an array of programs"));
    CHECK(hold("hold = [[\"/bin/x\", 7]]").contains(":2:20: hold: expected an array of programs"));
    CHECK(hold("hold = [[]]").contains(":2:9: hold: a program without its path"));
    CHECK(hold("hold = [[\"/x\"], [\"x.service\"]]").contains(":2:18: hold: \"x.service\" is not the absolute path of a program"));
    CHECK(hold("hold = [[\"/x\"]]\nhold-user = \"a b\"").contains(":3:13: hold-user: \"a b\" cannot be a user's name"));
    CHECK(hold("hold-user = \"a\"").contains("hold-user: only a job with the key \"hold\" has a use for it"));
    CHECK(hold("hold-timeout = 5").contains("hold-timeout: only a job with the key \"hold\" has a use for it"));
    for (const auto *live : {"snapshot = \"none\"", "live = [\"/home\"]"})
        CHECK(hold(std::string{"hold = [[\"/x\"]]\n"} + live).contains(":2:8: hold: this job takes no snapshot"));

    const LittleRoot root; // the defaults are for those that have a use for them
    root.write("/etc/igotchuu/defaults.toml", "hold = [[\"/x\"]]\n");
    root.write("/etc/igotchuu/jobs/a.toml", with("snapshot = \"none\""));
    root.write("/etc/igotchuu/jobs/b.toml", std::string{sound});
    CHECK(load_job(root.search_path(), "a").hold.empty());
    CHECK(load_job(root.search_path(), "b").hold == std::vector<std::vector<std::string>>{{"/x"}});
}

TEST_CASE("text that is no TOML is a fault with a place, and not many more")
{
    const auto text = faults_of("sources = [\"/a\"]\nexclude = [\"b\n");
    CHECK(text.starts_with("/etc/igotchuu/jobs/a.toml:2:"));
    CHECK_FALSE(text.contains('\n'));
    CHECK(faults_of("\xff\xfe").starts_with("/etc/igotchuu/jobs/a.toml:1:1: "));
    CHECK(faults_of(std::string("\0\0\0", 3)).starts_with("/etc/igotchuu/jobs/a.toml:1:1: "));
    CHECK(faults_of(with("nested-max = 99999999999999999999")).starts_with("/etc/igotchuu/jobs/a.toml:2:"));
    CHECK(faults_of(with(sound)).starts_with("/etc/igotchuu/jobs/a.toml:2:")); // a key twice
}

TEST_CASE("a path that is not absolute or not normalised is refused, with the normalised form")
{
    CHECK(faults_of("sources = [\"/a\",\n  \"home\"]").contains(":2:3: sources: \"home\" is not an absolute path"));
    CHECK(faults_of("sources = [\"\"]").contains("is not an absolute path"));
    CHECK(faults_of("sources = [\"/home/../x\"]").contains("\"/home/../x\" is not normalised: write \"/x\""));
    CHECK(faults_of("sources = [\"/home/./x\"]").contains("write \"/home/x\""));
    CHECK(faults_of("sources = [\"//home\"]").contains("write \"/home\""));
    CHECK(faults_of("sources = [\"/home//\"]").contains("write \"/home\""));
    CHECK(faults_of("sources = [\"/.\"]").contains("write \"/\""));
    CHECK(faults_of("sources = [\"/" + std::string(5000, 'a') + "\"]").contains("at most 4095 bytes"));
    CHECK(job_of("sources = [\"/home/\"]").sources == Strings{"/home"});
    CHECK(job_of("sources = [\"/\"]").sources == Strings{"/"});
    CHECK(job_of("sources = [\"/srv/Fotos [2024]\", \"/a..b/.c\"]").sources == Strings{"/srv/Fotos [2024]", "/a..b/.c"});
}

TEST_CASE("a source that is listed twice is refused with both named, and one may lie inside another")
{
    CHECK(faults_of("sources = [\"/home\", \"/home/\"]") ==
          "/etc/igotchuu/jobs/a.toml:1:21: sources: \"/home\" is listed twice, first at /etc/igotchuu/jobs/a.toml:1:12");
    CHECK(faults_of("sources = [\"/home/alice\", \"/home\", \"/\"]").empty());
    CHECK(faults_of("sources = [\"/home\", \"/home2\", \"/home-x\"]").empty());
}

TEST_CASE("a control character in any text is refused with its place")
{
    CHECK(faults_of(with(R"(description = "Home\n[Service]\nExecStartPre=/usr/bin/touch /run/pwned")")) ==
          "/etc/igotchuu/jobs/a.toml:2:15: description: the control character \\x0a may not be in it");
    for (const auto *line : {R"(exclude = ["a\u0000"])", R"(restic-args = ["\u001b"])", R"(repositories = ["a\tb"])",
                             R"(timer.OnCalendar = "daily\n[Install]")", R"(service = { Environment = ["A=1", "B\r=2"] })",
                             "unit.After = '''\na\nb'''", R"(description = "\u007f")"})
        CHECK(faults_of(with(line)).contains("control character"));
    CHECK(faults_of(R"(sources = ["/home\n"])").contains(":1:12: sources: the control character"));
    CHECK(faults_of(with(R"(description = "%h büro")")).empty());
}

TEST_CASE("deep keys and deep nesting are refused with their place, on a small stack, too")
{
    const auto deep_array = "exclude = " + repeated("[", 300) + repeated("]", 300);
    const auto deep_table = "timer = " + repeated("{a=", 300) + "1" + repeated("}", 300);
    const auto long_key = repeated("a.", 100'000) + "a = 1";
    const auto long_header = "[" + repeated("a.", 100'000) + "a]";
    Strings results;
    auto try_all = [&] {
        for (const auto &text : {deep_array, deep_table, long_key, long_header, "x = " + repeated("[", 200'000),
                                 repeated("[", 200'000), "x" + repeated("={x", 60'000), repeated("a.\"b\".", 9) + "c = 1"})
            results.push_back(faults_of("sources = [\"/a\"]\n" + text));
    };
    pthread_attr_t attributes;
    pthread_t thread;
    REQUIRE(pthread_attr_init(&attributes) == 0);
    REQUIRE(pthread_attr_setstacksize(&attributes, 512 * 1024) == 0);
    const auto start = [](void *call) -> void * {
        (*static_cast<decltype(try_all) *>(call))();
        return nullptr;
    };
    REQUIRE(pthread_create(&thread, &attributes, start, &try_all) == 0);
    REQUIRE(pthread_join(thread, nullptr) == 0);
    pthread_attr_destroy(&attributes);
    REQUIRE(results.size() == 8);
    CHECK(results[0] == "/etc/igotchuu/jobs/a.toml:2:27: more than 16 arrays and tables inside one another");
    CHECK(results[2] == "/etc/igotchuu/jobs/a.toml:2:32: a key has more than 16 parts");
    for (const auto &result : results)
        CHECK(result.starts_with("/etc/igotchuu/jobs/a.toml:2:"));
}

TEST_CASE("dots and brackets in texts and comments are no key parts and no nesting")
{
    const auto dots = repeated(".", 300) + repeated("[{", 300);
    for (const std::string &value :
         Strings{"\"" + dots + "\\\"" + dots + "\"", "'" + dots + "\\'", "\"a\" # " + dots,
                 "\"\"\"" + dots + "\"\" \\\"" + dots + "\"\"\"\"\"", "'''" + dots + "''" + dots + "'''''", "\"\" #\"", "'' # '''"})
        CHECK(faults_of(with("description = " + value + "\nexclude = [\"" + dots + "\"]")).empty());
    CHECK(faults_of(with("exclude = [" + repeated("\"a.b\", ", 100) + "]")).empty());
    for (const std::string quotes :
         {"\"\"\"\"", "\"\"\"\"\"", "''''", "'''''"}) { // a quote or two of the text before the three that end it
        const auto text = quotes.substr(0, 3) + "a" + quotes;
        CHECK(faults_of(with("exclude = [" + text + ", \"" + dots + "\"]")).empty());
        CHECK(faults_of(with("exclude = [" + text + ", " + repeated("[", 300) + repeated("]", 300) + "]"))
                  .contains("more than 16 arrays"));
    }
    CHECK(faults_of(with("# \"\n" + repeated("a.", 17) + "b = 1")).contains(":3:"));
}

TEST_CASE("what is no sound file is one clear fault")
{
    const LittleRoot root;
    const auto path = root.search_path();
    const std::string file = "/etc/igotchuu/jobs/a.toml";
    const auto place = root.made(file);
    SECTION("a directory")
    {
        std::filesystem::create_directory(place);
        CHECK(faults(path, "a") == file + ": is a directory; a file is needed");
    }
    SECTION("a FIFO, without waiting for a writer")
    {
        REQUIRE(mkfifo(place.c_str(), 0600) == 0);
        CHECK(faults(path, "a") == file + ": is a FIFO; a regular file is needed");
    }
    SECTION("a device, over a link")
    {
        root.link(file, "/dev/zero");
        CHECK(faults({{}, {root.path() / "etc/igotchuu"}}, "a") == place.string() + ": is a device; a regular file is needed");
    }
    SECTION("a huge one")
    {
        root.write(file, "");
        std::filesystem::resize_file(place, std::uintmax_t{1} << 40);
        CHECK(faults(path, "a") == file + ": has 1099511627776 bytes; at most 262144 are allowed");
    }
    SECTION("one of exactly the size that is allowed is read")
    {
        root.write(file, with("#" + std::string(256 * 1024 - sound.size() - 1, 'x')));
        CHECK(faults(path, "a").empty());
    }
    SECTION("a link that leads nowhere, and one to itself")
    {
        root.link(file, "/nowhere");
        CHECK(faults(path, "a") == file + ": cannot be opened: No such file or directory");
        root.link("/etc/igotchuu/jobs/b.toml", "b.toml");
        CHECK(faults(path, "b").contains("Too many levels of symbolic links"));
    }
    SECTION("one that others may write")
    {
        root.write(file, sound);
        std::filesystem::permissions(place, std::filesystem::perms{0666});
        CHECK(faults(path, "a").starts_with(file + ": is writable by others than its owner (mode 0666)"));
        std::filesystem::permissions(place, std::filesystem::perms{0640});
        CHECK(faults(path, "a").empty());
    }
    SECTION("one of another user")
    {
        if (geteuid() != 0)
            SKIP("only root can give files away");
        root.write(file, sound);
        REQUIRE(chown(place.c_str(), 1000, 1000) == 0);
        CHECK(faults(path, "a").starts_with(file + ": belongs to the user 1000"));
    }
    SECTION("one that this user cannot read; below a root the caller's own file is fine")
    {
        if (geteuid() != 0)
            SKIP("only root can become somebody else");
        root.write(file, sound);
        std::filesystem::permissions(root.path(), std::filesystem::perms{0755});
        std::filesystem::permissions(place, std::filesystem::perms{0600});
        REQUIRE(seteuid(1000) == 0);
        CHECK(faults(path, "a") == file + ": cannot be opened: Permission denied");
        REQUIRE(seteuid(0) == 0);
        REQUIRE(chown(place.c_str(), 1000, 1000) == 0);
        REQUIRE(seteuid(1000) == 0);
        CHECK(faults(path, "a").empty());
        CHECK(faults({{}, {root.path() / "etc/igotchuu"}}, "a").contains("belongs to the user 1000"));
        REQUIRE(seteuid(0) == 0);
    }
    SECTION("a link below the root to a sound one is followed there")
    {
        root.write("/srv/a.toml", sound);
        root.link(file, "/srv/a.toml");
        CHECK(faults(path, "a").empty());
    }
}

TEST_CASE("sources cannot be a default")
{
    const LittleRoot root;
    root.write("/etc/igotchuu/defaults.toml", sound);
    CHECK(faults(root.search_path(), "srv").contains("/etc/igotchuu/defaults.toml:1:11: sources: every job has its own"));
}

TEST_CASE("a key that the template must keep is refused with the reason")
{
    for (const auto *key : {"Type",
                            "ExecStart",
                            "ExecStopPost",
                            "KillMode",
                            "TimeoutStopSec",
                            "Restart",
                            "RestartSec",
                            "PrivateMounts",
                            "NotifyAccess",
                            "User",
                            "Group",
                            "DynamicUser",
                            "CapabilityBoundingSet",
                            "AmbientCapabilities",
                            "RuntimeDirectory",
                            "StateDirectory",
                            "CacheDirectory",
                            "LogsDirectory",
                            "ConfigurationDirectory",
                            "WorkingDirectory",
                            "RootDirectory",
                            "SuccessExitStatus",
                            "RemainAfterExit"})
        CHECK(faults_of(with(std::format("[service]\n{} = \"x\"", key)))
                  .starts_with(std::format("/etc/igotchuu/jobs/a.toml:3:1: service.{} cannot be set: ", key)));
    CHECK(faults_of(with("[timer]\nUnit = \"x.service\"")).contains("timer.Unit cannot be set: "));
    CHECK(faults_of(with("[service]\nMemoryHigh = \"1G\"\nEnvironment = "
                         "[\"A=1\"]\n[timer]\nOnCalendar=\"daily\"\n[unit]\nOnFailure = \"x.service\""))
              .empty());
}

TEST_CASE("a timer that nothing starts for the first time is a warning, and one that something does is none")
{
    for (const auto *const lines : {"OnUnitActiveSec = \"1h\"", "OnUnitInactiveSec = \"1h\"\nPersistent = false"}) {
        const auto job = job_of(with(std::format("[timer]\n{}\n", lines)));
        REQUIRE(job.warnings.size() == 1);
        CHECK(
            to_string(job.warnings[0]).starts_with("/etc/igotchuu/jobs/a.toml:2:1: timer: OnUnitActiveSec and OnUnitInactiveSec"));
    }
    for (const auto *const lines :
         {"OnUnitActiveSec = \"1h\"\nOnBootSec = \"1min\"", "OnCalendar = \"daily\"", "Persistent = false\nOnCalendar = []", ""})
        CHECK(job_of(with(std::format("[timer]\n{}\n", lines))).warnings.empty());
}

TEST_CASE("a timer without a schedule is a warning where it is a job's own, and a table that says nothing is one")
{
    const LittleRoot root;
    root.write("/etc/igotchuu/defaults.toml", "timer.RandomizedDelaySec = \"1h\"\nkeep.daily = 7\n");
    root.write("/etc/igotchuu/jobs/a.toml", with("timer.Persistent = false\n"));
    root.write("/etc/igotchuu/jobs/b.toml", with(""));
    root.write("/etc/igotchuu/jobs/c.toml", with("timer.OnCalendar = \"weekly\"\n"));
    root.write("/etc/igotchuu/jobs/d.toml", with("keep = {}\n"));
    const auto warnings = [&](const char *instance) { return load_job(root.search_path(), instance).warnings; };
    REQUIRE(warnings("a").size() == 1);
    CHECK(to_string(warnings("a")[0]).starts_with("/etc/igotchuu/jobs/a.toml:2:1: timer: says nothing of when"));
    CHECK(warnings("b").empty());
    CHECK(warnings("c").empty());
    root.write("/etc/igotchuu/defaults.toml", "timer.OnUnitActiveSec = \"1h\"\nkeep.daily = 7\n");
    REQUIRE(warnings("b").size() == 1);
    CHECK(to_string(warnings("b")[0]).starts_with("/etc/igotchuu/defaults.toml:1:1: timer: OnUnitActiveSec"));
    root.write("/etc/igotchuu/defaults.toml", "keep.daily = 7\n");
    REQUIRE(warnings("d").size() == 1);
    CHECK(to_string(warnings("d")[0]).starts_with("/etc/igotchuu/jobs/d.toml:2:8: keep: an empty table says nothing"));
}

TEST_CASE("a key that systemd does not know is a warning with the nearest one, and no line of its own")
{
    const auto job = job_of(with("[timer]\nOnCalender = \"daily\"\nX-Mine = 1\n"));
    REQUIRE(job.warnings.size() == 1);
    CHECK(to_string(job.warnings[0]) ==
          "/etc/igotchuu/jobs/a.toml:3:1: timer: systemd knows no key \"OnCalender\" there; did you mean \"OnCalendar\"?");
    auto other = job;
    other.warnings.clear();
    CHECK(other == job);
    CHECK(digest(other) == digest(job));
    CHECK(faults_of(with("[service]\n\"Nice=1\\nExecStart\" = 1")).contains("cannot be a key of systemd's"));
    CHECK(faults_of(with("[service]\n\"\" = 1")).contains("cannot be a key of systemd's"));
    CHECK(faults_of(with("[service]\nMemoryHigh = '1G\\'")).contains("a backslash at its end"));
    CHECK(faults_of(with("[service]\nMemoryHigh = 1.5")).contains("found the fraction 1.5"));
    CHECK(faults_of(with("[service]\nMemoryHigh = [1]")).contains("found the whole number 1 in it"));
}

TEST_CASE("a key of ours below a table of systemd's is a fault, and never a setting that nobody has")
{
    CHECK(faults_of(with("[timer]\nOnCalendar = \"daily\"\nprove = \"full\"")) ==
          "/etc/igotchuu/jobs/a.toml:4:1: timer: \"prove\" is no key of systemd's but one of ours; it has to stand above [timer]");
    CHECK(faults_of(with("[service]\nexclud = [\"*.o\"]")) ==
          "/etc/igotchuu/jobs/a.toml:3:1: service: \"exclud\" is no key of systemd's, and near to ours, \"exclude\"; it has to "
          "stand above [service]");
    CHECK(faults_of(with("[timer]\nwait = { mains-power = true }")).contains("it has to stand above [timer]"));
    CHECK(faults_of(with("[timer]\nx-mine = 1")).empty());
}

TEST_CASE("what a job waits for is checked")
{
    CHECK(faults_of(with("[wait]\nmains-power = true\nhosts = [\"nas:22\", \"[::1]:8000\"]\nhours = \"22:00-06:30\"\nload = 4"))
              .empty());
    for (const auto *const host : {"nas", "nas:", "nas:0", "nas:65536", ":22", "::1:22", "a/b:22", "nas:+22"})
        CHECK(faults_of(with(std::format("[wait]\nhosts = [\"{}\"]", host)))
                  .contains(std::format("wait.hosts: \"{}\" is not HOST:PORT", host)));
    for (const auto *const hours : {"22-6", "22:00", "24:00-06:00", "22:60-06:00", "22:00-06:00 ", "2:00-06:00", "aa:00-06:00"})
        CHECK(faults_of(with(std::format("[wait]\nhours = \"{}\"", hours))).contains("is not a part of the day"));
    CHECK(faults_of(with("[wait]\nhours = \"03:00-03:09\"")).contains("wait.hours: \"03:00-03:09\" is not at least 10min long"));
    CHECK(faults_of(with("[wait]\nhours = \"23:55-00:05\"")).empty());
    CHECK(faults_of(with("[wait]\nthen = \"fail\"")).contains(":3:8: wait.then: without the key wait.latest-hours"));
    CHECK(faults_of(with("[wait]\nmain-power = true")).contains("did you mean \"wait.mains-power\"?"));
    CHECK(faults_of(with("[wait]\nlatest-hours = 0")).contains("from 1 to 8760"));
}

TEST_CASE("hours that span midnight are a night")
{
    using namespace std::chrono_literals;
    const auto night = parse_hours("22:00-06:30");
    REQUIRE(night);
    for (const auto now : {22h + 0min, 23h + 59min, 0h + 0min, 6h + 29min})
        CHECK(night->contain(now));
    for (const auto now : {6h + 30min, 12h + 0min, 21h + 59min})
        CHECK_FALSE(night->contain(now));
    CHECK(parse_hours("08:00-17:00")->contain(8h));
    CHECK_FALSE(parse_hours("08:00-17:00")->contain(17h));
    CHECK(parse_hours("00:00-00:00")->contain(12h));
}

TEST_CASE("the table of maintenance has systemd's keys and ours, and each fault in it is named by its full name")
{
    const LittleRoot root;
    const auto faults_of = [&](std::string_view lines) {
        root.write("/etc/igotchuu/repositories/nas.toml", std::string{nas} + std::string{lines});
        const auto loaded = load_repositories(root.search_path());
        REQUIRE(loaded.repositories.size() == 1);
        const auto &repository = loaded.repositories.front().repository;
        return repository ? std::string{} : repository.error().what();
    };
    const std::string file = "/etc/igotchuu/repositories/nas.toml";
    CHECK(faults_of("maintenance = \"weekly\"") == file + ":3:15: maintenance: expected a table, or true or false, found a text");
    CHECK(faults_of("[maintenance]\nUnit = \"x.service\"").contains(file + ":4:1: maintenance.Unit cannot be set: "));
    CHECK(faults_of("[maintenance]\ncheck-subst = \"5%\"") ==
          file + ":4:1: unknown key \"maintenance.check-subst\"; did you mean \"maintenance.check-subset\"?");
    for (const std::string wrong : {"0%", "101%", "5", "%", "", "1/20", "-5%", "5 %", "4294967297%"}) {
        INFO(wrong);
        CHECK(faults_of(std::format("[maintenance]\ncheck-subset = \"{}\"", wrong))
                  .contains(file + ":4:16: maintenance.check-subset: "));
    }
    for (const std::string wrong : {"many", "1.5G", "10GB", "G", "-1", "101%"}) {
        INFO(wrong);
        CHECK(faults_of(std::format("[maintenance]\nmax-unused = \"{}\"", wrong)).contains(":4:14: maintenance.max-unused: "));
    }
    CHECK(faults_of("[maintenance]\nmax-repack-size = \"unlimited\"").contains("maintenance.max-repack-size: "));
    CHECK(faults_of("[maintenance]\ncheck-subset = 5")
              .contains("maintenance.check-subset: expected a text, found the whole number 5"));
    CHECK(faults_of("maintenance.OnCalendar = \"weekly\"\nmaintenance.max-unused = \"0%\"").empty());
}
