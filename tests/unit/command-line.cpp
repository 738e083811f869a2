// SPDX-License-Identifier: MIT
#include "exec/restic/command-line.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <ctime>

using namespace igotchuu;
using namespace igotchuu::restic;
using namespace std::chrono_literals;

namespace
{

constexpr auto canary = "canary";

Repository nas()
{
    return {.name = "nas",
            .file = "/etc/igotchuu/repositories/nas.toml",
            .location = "rest:https://alice:canary@nas.example.org/",
            .password_file = "/root/canary-file",
            .password_credential = {}};
}

bool contains(const std::vector<std::string> &all, std::string_view what)
{
    return std::ranges::find(all, what) != all.end();
}

} // namespace

TEST_CASE("a job becomes restic's arguments, and what a person wrote stays what it was")
{
    Job job;
    job.name = "TV, Shows";
    job.instance = R"(TV\x2c\x20Shows)";
    job.sources = {"/srv/Fotos [2024]", "/srv/-n", "/srv/a*b"};
    job.exclude = {"$RECYCLE.BIN", "/home/*/.cache", "-x"};
    job.exclude_caches = true;
    job.restic_args = {"--limit-upload", "100"};
    const auto repository = nas();
    const BackupRequest request{job, repository, {}, {"/srv/Fotos [2024]/repo"}};
    CHECK(backup_arguments(request, "2026-11-25 03:00:00", "laptop") ==
          std::vector<std::string>{"backup", "--json", "--retry-lock=5m", R"(--tag=igotchuu-job=TV\x2c\x20Shows)", "--host=laptop",
                                   "--time=2026-11-25 03:00:00", "--group-by=host,tags", "--exclude=$RECYCLE.BIN",
                                   "--exclude=/home/*/.cache", "--exclude=-x", R"(--exclude=/srv/Fotos \[2024]/repo)",
                                   "--exclude-caches", "--limit-upload", "100", "--", "/srv/Fotos [2024]", "/srv/-n", "/srv/a*b"});
}

TEST_CASE("neither the location nor the password is in the arguments or the environment")
{
    Job job;
    job.sources = {"/home"};
    const auto repository = nas();
    auto all = backup_arguments({job, repository, {}, {}}, "", "laptop");
    const auto variables = environment(
        {.restic = "/usr/bin/restic", .setpriv = "/usr/bin/setpriv", .cache_directory = "/c", .credentials_directory = "/k"}, {}, 5,
        6);
    all.insert(all.end(), variables.begin(), variables.end());
    for (const auto &one : all)
        CHECK(one.find(canary) == one.npos);
    CHECK(contains(all, "RESTIC_REPOSITORY_FILE=/proc/self/fd/5"));
    CHECK(contains(all, "RESTIC_PASSWORD_FILE=/proc/self/fd/6"));
}

TEST_CASE("a feature flag is set only where the installed restic knows it, since an unknown one stops every command")
{
    constexpr auto flag = "RESTIC_FEATURES=device-id-for-hardlinks=true";
    CHECK(contains(environment({}, {"0.18.0", true}, 5, 6), flag));
    CHECK_FALSE(contains(environment({}, {"0.19.0", false}, 5, 6), flag));
}

TEST_CASE("nothing of our own environment reaches restic")
{
    setenv("RESTIC_PASSWORD", canary, 1);
    setenv("GOTRACEBACK", "crash", 1);
    for (const auto &one : environment({}, {}, 5, 6))
        CHECK((one.find(canary) == one.npos && !one.starts_with("GOTRACEBACK")));
}

TEST_CASE("a path is excluded as it is, whatever characters it has")
{
    CHECK(literal_pattern("/srv/plain name") == "/srv/plain name");
    CHECK(literal_pattern(R"(/a*b/q?/s[1]/b\c/**)") == R"(/a\*b/q\?/s\[1]/b\\c/\*\*)");
}

TEST_CASE("with a TZ of our own the time is given in UTC")
{
    setenv("TZ", "EST5EDT4,M3.2.0,M11.1.0", 1);
    tzset();
    const auto clock = wall_clock(std::chrono::sys_days{2026y / 11 / 25} + 3h + 7min + 9s + 999ms);
    CHECK(clock.time == "2026-11-25 03:07:09");
    CHECK(clock.variables == std::vector<std::string>{"TZ=UTC"});
    unsetenv("TZ");
    tzset();
}
