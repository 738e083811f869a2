// SPDX-License-Identifier: MIT
#include "exec/notify/told.hpp"
#include "exec/troubles.hpp"
#include "tests/unit/little-root.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace igotchuu;

namespace
{

const std::string usb = trouble_with("usb", "old"), nas = trouble_with("nas", "old"), nas_unknown = trouble_with("nas", "unknown");

} // namespace

TEST_CASE("a trouble is told once, and one more of another repository, or of another kind, is told beside it")
{
    Told told;
    CHECK(told.is_news("mail", {usb}));
    told.add("mail", {usb});
    CHECK_FALSE(told.is_news("mail", {usb}));
    CHECK(told.is_news("mail", {usb, nas}));
    told.add("mail", {usb, nas});
    CHECK_FALSE(told.is_news("mail", {nas, usb}));
    CHECK(told.is_news("mail", {usb, nas_unknown}));
    CHECK_FALSE(told.is_news("mail", {}));
}

TEST_CASE("who could not be told is told later, and nobody else twice")
{
    Told told;
    told.add("mail", {usb});
    CHECK_FALSE(told.is_news("mail", {usb}));
    CHECK(told.is_news("command", {usb}));
    CHECK(Told{told.words()}.is_news("command", {usb}));
    CHECK_FALSE(Told{told.words()}.is_news("mail", {usb}));
}

TEST_CASE("what is over and comes again is news again, and what only changes to and fro is not")
{
    Told told;
    told.add("mail", {usb, nas});
    told.forget_what_is_over({usb});
    CHECK_FALSE(told.is_news("mail", {usb}));
    CHECK(told.is_news("mail", {usb, nas}));
    told.add("mail", {nas});
    told.forget_what_is_over({nas_unknown});
    told.add("mail", {nas_unknown});
    told.forget_what_is_over({nas});
    CHECK_FALSE(told.is_news("mail", {nas}));
    CHECK(told.is_news("mail", {usb}));
}

TEST_CASE("what a look has found is read as of that very look, and a name is one word whatever is in it")
{
    const LittleRoot root;
    const auto cache = root.path().native();
    CHECK(troubles_of(cache, "home", "1").empty());
    const std::vector<std::string> found{trouble_with("a b:c", "old"), nas_unknown};
    CHECK(found.front().find(' ') == std::string::npos);
    keep_troubles(cache, "home", "1", found);
    CHECK(troubles_of(cache, "home", "1") == found);
    CHECK(troubles_of(cache, "home", "2").empty());
    CHECK(troubles_of(cache, "other", "1").empty());
    keep_troubles(cache, "home", "2", {});
    CHECK(troubles_of(cache, "home", "2").empty());
}

TEST_CASE("a look that ends before somebody is told of the one before it takes none of that one's words, and old looks go")
{
    const LittleRoot root;
    const auto cache = root.path().native();
    keep_troubles(cache, "home", "1", {usb});
    keep_troubles(cache, "home", "2", {usb, nas});
    Told told;
    for (const std::string look : {"1", "2"}) {
        const auto troubles = troubles_of(cache, "home", look);
        told.forget_what_is_over(troubles);
        CHECK(told.is_news("mail", troubles));
        told.add("mail", troubles);
    }
    CHECK_FALSE(told.is_news("mail", {usb, nas}));
    for (int look = 3; look < 20; ++look)
        keep_troubles(cache, "home", std::to_string(look), {usb});
    CHECK(troubles_of(cache, "home", "19") == std::vector{usb});
    CHECK(troubles_of(cache, "home", "10") == std::vector{usb});
    CHECK(troubles_of(cache, "home", "2").empty());
}
