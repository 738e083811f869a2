// SPDX-License-Identifier: MIT
// What exec/restic finds out about the restic that is installed, with stand-ins for others.
#include "tests/system/restic-bench.hpp"

#include "job/error.hpp"
#include "tests/system/stage.hpp"

#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace igotchuu;
using namespace igotchuu::restic;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
namespace fs = std::filesystem;

TEST_CASE("an installed restic is asked once for each binary, and a cache that is garbage is asked over")
{
    Bench bench;
    bench.stand_in("echo $1 >>$top/asked; case $1 in version) echo 'restic 0.17.3 compiled with go1.22 on linux/amd64' ;;\n"
                   "features) printf 'All Feature Flags:\\nName\\ndevice-id-for-hardlinks  alpha  false  …\\n' ;; esac");
    const auto asked = [&] {
        auto lines = Bench::read(bench.top / "asked");
        fs::remove(bench.top / "asked");
        return lines;
    };
    const auto found = features(bench.stop, bench.installation);
    CHECK(found.version == "0.17.3");
    CHECK(found.device_id_for_hardlinks);
    CHECK(asked() == "version\nfeatures\n");
    CHECK(features(bench.stop, bench.installation).version == "0.17.3");
    CHECK(asked().empty());

    const auto cache = bench.installation.cache_directory + "/restic-features.json";
    for (const auto &garbage :
         std::vector<std::string>{"", "{", "[]", "null", R"({"binary":7,"version":"9"})", std::string(200'000, '[')}) {
        Bench::write(cache, garbage);
        CHECK(features(bench.stop, bench.installation).version == "0.17.3");
        CHECK(asked() == "version\nfeatures\n");
    }
    bench.stand_in(
        "case $1 in version) echo 'restic 0.19.1-dev (compiled manually) compiled with go1.25' ;; features) echo none ;; esac");
    CHECK(features(bench.stop, bench.installation).version == "0.19.1-dev");
    CHECK_FALSE(features(bench.stop, bench.installation).device_id_for_hardlinks);
}

TEST_CASE("a restic that is missing, broken or old is a failure with the remedy, before anything else is done")
{
    Bench bench;
    const auto fails_with = [&](const std::string &text) {
        CHECK_THROWS_MATCHES(features(bench.stop, bench.installation), Failure,
                             MessageMatches(ContainsSubstring(text) && ContainsSubstring("0.17")));
    };
    bench.stand_in("echo 'restic 0.14.0 compiled with go1.19.8 on linux/amd64'");
    fails_with("restic 0.14.0 at " + bench.installation.restic + " is too old");
    bench.stand_in("echo 'no such library' >&2; exit 1");
    fails_with("no such library");
    bench.stand_in("kill -ILL $$");
    fails_with("signal 4");
    fs::permissions(bench.installation.restic, fs::perms{0644});
    fails_with("Permission denied");
    fs::remove(bench.installation.restic);
    fails_with("restic is not installed at " + bench.installation.restic);
    bench.stand_in("touch $top/asked; trap '' INT; exec sleep 1000");
    const stage::Process impatient{[&] {
        while (!fs::exists(bench.top / "asked"))
            sched_yield();
        kill(getppid(), SIGTERM);
    }};
    CHECK_THROWS_AS(features(bench.stop, bench.installation), Cancelled);
    Bench::forget_stop();
    bench.stand_in("case $1 in version) echo 'restic 0.30.0 compiled with go1.40' ;; *) exit 1 ;; esac");
    CHECK(features(bench.stop, bench.installation).version == "0.30.0");
    CHECK_FALSE(features(bench.stop, bench.installation).device_id_for_hardlinks);
    bench.stand_in("echo hello");
    CHECK_THROWS_MATCHES(features(bench.stop, bench.installation), Failure,
                         MessageMatches(ContainsSubstring("does not say which version")));
}
