// SPDX-License-Identifier: MIT
#include "exec/restic/command-line.hpp"
#include "exec/restic/compare.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <ctime>

using namespace igotchuu;
using namespace igotchuu::restic;
using namespace std::chrono_literals;

TEST_CASE("a job becomes restic's arguments, and what a person wrote stays what it was")
{
    Job job;
    job.name = "TV, Shows";
    job.instance = R"(TV\x2c\x20Shows)";
    job.sources = {"/srv/Fotos [2024]", "/srv/-n", "/srv/a*b"};
    job.exclude = {"$RECYCLE.BIN", "/home/*/.cache", "-x"};
    job.exclude_caches = true;
    job.restic_args = {"--limit-upload", "100"};
    const Repository repository;
    const BackupRequest request{job, repository, nullptr, {}, {"/srv/Fotos [2024]/repo"}};
    CHECK(backup_arguments(request, "2026-11-25 03:00:00", "laptop",
                           std::vector<std::string>{R"(igotchuu-job=TV\x2c\x20Shows)", "igotchuu-machine=00"}) ==
          std::vector<std::string>{"backup", "--json", "--retry-lock=300s", "--host=laptop", "--time=2026-11-25 03:00:00",
                                   "--group-by=tags", R"(--tag=igotchuu-job=TV\x2c\x20Shows)", "--tag=igotchuu-machine=00",
                                   "--exclude=$RECYCLE.BIN", "--exclude=/home/*/.cache", "--exclude=-x",
                                   R"(--exclude=/srv/Fotos \[2024]/repo)", "--exclude-caches", "--limit-upload", "100", "--",
                                   "/srv/Fotos [2024]", "/srv/-n", "/srv/a*b"});
}

TEST_CASE("a backup that is only compared is the same backup, stores nothing, and looks at its own snapshot")
{
    Job job;
    job.sources = {"/srv"};
    job.restic_args = {"--force", "-f", "--skip-if-unchanged", "--with-atime"};
    const Repository repository;
    const BackupRequest request{job, repository, nullptr, {}};
    const std::vector<std::string> tags{"t"};
    CHECK(comparison_arguments(request, "2026-11-25 03:00:00", "laptop", tags, "abc") ==
          std::vector<std::string>{"backup", "--dry-run", "--no-scan", "--parent=abc", "--json", "--retry-lock=300s",
                                   "--host=laptop", "--time=2026-11-25 03:00:00", "--group-by=tags", "--tag=t", "--with-atime",
                                   "--", "/srv"});
    auto again = request;
    again.read_all = true;
    CHECK(std::ranges::contains(backup_arguments(again, "2026-11-25 03:00:00", "laptop", tags), "--force"));
}

TEST_CASE("a line for a path fits it and no other, whatever characters it has")
{
    CHECK(line_for("/srv/plain-name_1.txt") == "/srv/plain-name_1.txt");
    CHECK(line_for("/a*b?/[c]/$d e#\\") == "/a\\*b\\?/\\[c]/$$d e#\\\\");
    CHECK(line_for("/new\nline\n") == "/new[\t-\v]line[\t-\v]");
    CHECK(line_for("/caf\xc3\xa9s") == "/caf\xc3\xa9s");
    CHECK(line_for("/caf\xc3\xa9") == "/caf\xc3\xa9");
    CHECK(line_for("/no-break blank\xc2\xa0") == "/no-break blank[\xc2\xa0]");
    CHECK(line_for("/latin-1 \xe9\x80") == "/latin-1 \xe9\x80"); // in a class it would be an error
    CHECK(line_for("/a wide blank\xe3\x80\x80") == "/a wide blank[\xe3\x80\x80]");
    CHECK(line_for("/ ") == "/[ ]");
    CHECK(line_for("/cr\r") == "/cr[\r]");
    CHECK(line_for("/\xef\xbf\xbdx\xef\xbf\xbd") == "/[\xef\xbf\xbd]x[\xef\xbf\xbd]");
}

TEST_CASE("what to forget is planned by the job's rules, of its own snapshots only, and removes nothing")
{
    const std::vector<KeepRule> rules{{"daily", "7"}, {"within-weekly", "1y2m"}, {"tag", "a,b"}};
    const std::vector<std::string> tags{"igotchuu-job=home", "igotchuu-machine=00"};
    CHECK(plan_arguments(rules, tags) ==
          std::vector<std::string>{"forget", "--dry-run", "--no-lock", "--json", "--tag=igotchuu-job=home,igotchuu-machine=00",
                                   "--group-by=", "--keep-daily=7", "--keep-within-weekly=1y2m", "--keep-tag=a,b"});
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
