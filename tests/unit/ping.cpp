// SPDX-License-Identifier: MIT
#include "exec/notify/ping.hpp"
#include "job/error.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace igotchuu;

namespace
{

std::string address(std::string_view base, Occasion occasion, const std::string &instance = "home",
                    Subject::Kind kind = Subject::Kind::backup)
{
    return ping_address(base, {.subject = {kind, instance},
                               .name = instance,
                               .occasion = occasion,
                               .outcome = {},
                               .invocation_id = "0123456789abcdef0123456789abcdef",
                               .sentence = {},
                               .started = {},
                               .ended = {},
                               .numbers = {}});
}

constexpr std::string_view rid = "rid=01234567-89ab-cdef-0123-456789abcdef";

} // namespace

TEST_CASE("start, success and failure are told as healthchecks.io wants it, with the id of the run")
{
    const std::string base = "https://hc-ping.com/uuid";
    CHECK(address(base, Occasion::start) == base + "/start?" + std::string{rid});
    CHECK(address(base, Occasion::success) == base + '?' + std::string{rid});
    CHECK(address(base, Occasion::recovery) == base + '?' + std::string{rid});
    CHECK(address(base, Occasion::failure) == base + "/fail?" + std::string{rid});
    CHECK(address(base, Occasion::stopped) == base + "/log?" + std::string{rid});
    CHECK(address(base + '/', Occasion::failure) == base + "/fail?" + std::string{rid});
    CHECK(address(base + "?create=1", Occasion::failure) == base + "/fail?create=1&" + std::string{rid});
}

TEST_CASE("one address serves all jobs, with a slug for each")
{
    CHECK(address("https://hc-ping.com/key/{slug}", Occasion::failure, R"(TV\x20Shows@home)")
              .starts_with("https://hc-ping.com/key/tv-x20shows-home/fail?"));
    CHECK(address("https://hc-ping.com/key/{slug}", Occasion::success, "nas", Subject::Kind::maintenance)
              .starts_with("https://hc-ping.com/key/maintenance-nas?"));
}

TEST_CASE("of an address the host may be said, and what is none is refused without being shown")
{
    CHECK(host_of("https://hc-ping.com/secret/fail") == "hc-ping.com");
    CHECK(host_of("http://user:secret@[::1]:8000/secret") == "[::1]:8000");
    CHECK(host_of("https://hc-ping.com?secret") == "hc-ping.com");
    for (const std::string_view wrong :
         {"secret", "file:///secret", "https:///secret", "https://a/secret\nurl = b", "ftp://a/secret"}) {
        try {
            static_cast<void>(host_of(wrong));
            FAIL("taken: " << wrong);
        } catch (const Failure &error) {
            CHECK_FALSE(std::string{error.what()}.contains("secret\n"));
            CHECK_FALSE(std::string{error.what()}.contains("/secret"));
        }
    }
}
