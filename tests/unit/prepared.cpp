// SPDX-License-Identifier: MIT
#include "exec/snapshot/prepared.hpp"

#include "job/error.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace igotchuu;
using igotchuu::command::parse_prepared;
using Strings = std::vector<std::string>;

namespace
{

const Strings one{"/srv/mail"}, two{"/srv/mail", "/srv/a b"};

std::string fault(std::string_view printed, const Strings &sources = two)
try {
    static_cast<void>(parse_prepared(printed, sources));
    return {};
} catch (const Failure &failure) {
    return failure.what();
}

} // namespace

TEST_CASE("prepare prints a line a source, in any order; of a single source the directory will do")
{
    CHECK(parse_prepared("/srv/a b\t/x/b c\n/srv/mail\t/x/mail/\n", two) == Strings{"/x/mail", "/x/b c"});
    CHECK(parse_prepared("/srv/mail\t/x", one) == Strings{"/x"});
    CHECK(parse_prepared("/x\n", one) == Strings{"/x"});
}

TEST_CASE("whatever else prepare prints is quoted, with what is wrong")
{
    CHECK(fault("/x\n").starts_with("prepare printed \"/x\": a line a source is expected: SOURCE, a tab, DIRECTORY"));
    CHECK(fault("\n", one).starts_with("prepare printed \"\": "));
    CHECK(fault("/srv/mail\t/x\n\n").starts_with("prepare printed \"\": "));
    CHECK(fault("/srv/other\t/x\n").contains("none of this backup's sources"));
    CHECK(fault("/srv/mail\t/x\n/srv/mail\t/x\n").contains("a line about that source already"));
    CHECK(fault("/x\n/y\n", one).contains("a line about that source already"));
    CHECK(fault("/srv/mail\tx\n", one).contains("\"x\" is not an absolute path"));
    CHECK(fault("/srv/mail\t/x/../y\n", one).contains("not normalised"));
    CHECK(fault("/srv/mail\t\n", one).contains("is not an absolute path"));
    CHECK(fault("/srv/mail\t/x\n").starts_with("prepare printed no directory for /srv/a b: "));
    CHECK(fault("", one).starts_with("prepare printed no directory for /srv/mail: "));
    CHECK(fault("\033[31m" + std::string(5000, 'x'), one).size() < 700);
}
