// SPDX-License-Identifier: MIT
#include "job/diagnostic.hpp"
#include "job/utf8.hpp"

#include <array>
#include <catch2/catch_test_macros.hpp>

using namespace igotchuu;

TEST_CASE("a diagnostic is one line, whatever was in the file")
{
    CHECK(to_string({"/etc/a.toml", 3, 7, "unknown key \"x\ny\""}) == "/etc/a.toml:3:7: unknown key \"x\\x0ay\"");
    CHECK(to_string({"/etc/a\nb.toml", 0, 0, "is a FIFO"}) == "/etc/a\\x0ab.toml: is a FIFO");
    CHECK(to_string({"", 0, 0, "nothing"}) == "nothing");
}

TEST_CASE("what moves the cursor or turns the text around is shown as bytes")
{
    CHECK(printable("a\x1b[31mb\x7f\r") == "a\\x1b[31mb\\x7f\\x0d");
    CHECK(printable(std::string_view{"a\0b", 3}) == "a\\x00b");
    CHECK(printable("\xc2\x85|\xc2\x9b") == "\\xc2\\x85|\\xc2\\x9b"); // C1: next line, CSI
    CHECK(printable("\u202eevil\u202c") == "\\xe2\\x80\\xaeevil\\xe2\\x80\\xac");
    CHECK(printable("\u2066\u2069\u200f\u061c\u2028").find_first_not_of("\\x0123456789abcdef") == std::string::npos);
}

TEST_CASE("what people write stays as it is")
{
    constexpr std::string_view text = "büro TV\\x20Shows 日本 \U0001f4be \u00a0 %h \"quoted\"";
    CHECK(printable(text) == text);
}

TEST_CASE("bytes that are not UTF-8 are shown as bytes")
{
    CHECK(printable("a\xff\xfe") == "a\\xff\\xfe");
    CHECK(printable("\xc3") == "\\xc3"); // cut off
    CHECK(printable("\xe2\x82") == "\\xe2\\x82");
    CHECK(printable("\xc0\xaf") == "\\xc0\\xaf"); // overlong
    CHECK(printable("\xe0\x80\xaf") == "\\xe0\\x80\\xaf");
    CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80"); // a surrogate
    CHECK(printable("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80"); // beyond U+10FFFF
    CHECK(printable("\x80ok") == "\\x80ok");
}

TEST_CASE("a long text is cut at a whole character, and says so")
{
    const auto cut = printable(std::string(5 * 1024, 'a'));
    CHECK(cut.size() == 4096);
    CHECK(cut.ends_with("a…"));
    CHECK(printable(std::string(4096, 'a')) == std::string(4096, 'a'));
    CHECK(printable("ääääää", 10) == "äää…");
    CHECK(printable("ab\n\n\n", 10) == "ab\\x0a…");
    CHECK(printable("abc", 2).size() <= 2);
    CHECK(printable(std::string(5 * 1024, '\n')).size() <= 4096);
}

TEST_CASE("the nearest word is the one that was meant, and none is better than a far one")
{
    constexpr std::array<std::string_view, 6> keys{"sources", "exclude", "exclude-caches", "repositories", "OnCalendar", "nas"};
    CHECK(nearest("source", keys) == "sources");
    CHECK(nearest("exlcude", keys) == "exclude");
    CHECK(nearest("exclude_caches", keys) == "exclude-caches");
    CHECK(nearest("repository", keys) == "repositories");
    CHECK(nearest("oncalendar", keys) == "OnCalendar");
    CHECK(nearest("nsa", keys) == "nas");
    CHECK(nearest("usb", keys).empty());
    CHECK(nearest("password", keys).empty());
    CHECK(nearest("", keys).empty());
    CHECK(nearest(std::string(200'000, 's'), keys).empty());
}

TEST_CASE("a configuration error shows every fault, one a line")
{
    const ConfigError error{{{"/a", 1, 2, "first"}, {"/b", 0, 0, "second"}}};
    CHECK(std::string{error.what()} == "/a:1:2: first\n/b: second");
    CHECK(error.diagnostics().size() == 2);
}

TEST_CASE("a name is as restic lists it: each byte that is no UTF-8 is U+FFFD")
{
    CHECK(listed_name("caf\xe9") == "caf\xef\xbf\xbd");
    CHECK(listed_name("\xe2\x82") == "\xef\xbf\xbd\xef\xbf\xbd");
    CHECK(listed_name("ü 🦀 \"\\\n") == "ü 🦀 \"\\\n");
}
