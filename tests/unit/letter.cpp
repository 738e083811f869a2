// SPDX-License-Identifier: MIT
#include "exec/notify/letter.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <ranges>
#include <string>

using namespace igotchuu;
using namespace std::chrono_literals;

namespace
{

Happening a_failure(const std::string &name = "home")
{
    return {.subject = {Subject::Kind::backup, "home"},
            .name = name,
            .occasion = Occasion::failure,
            .outcome = "failed",
            .invocation_id = std::string(32, 'a'),
            .sentence = "Backup of home failed after 3 s: the disk is gone",
            .started = Clock::time_point{1'764'000'000s},
            .ended = Clock::time_point{1'764'000'003s},
            .numbers = {"  snapshot  1a2b3c4d in nas"}};
}

const Circumstances circumstances{.host = "laptop",
                                  .next = "Fri 2026-11-27 00:03:12 UTC",
                                  .log = {.tail = "10:00:03 the disk is gone\n", .advice = "Plug it in:\n\n    systemctl start"}};

Notify to_root()
{
    Notify notify;
    notify.mail_to = {"root", "alice@example.org"};
    return notify;
}

std::string head_of(const std::string &letter)
{
    return letter.substr(0, letter.find("\n\n"));
}

} // namespace

TEST_CASE("a letter says what, where, when, why, and what to do")
{
    const auto text = letter(to_root(), a_failure(), circumstances);
    CHECK(head_of(text).contains("Subject: igotchuu: backup of home failed on laptop"));
    CHECK(head_of(text).contains("To: root,\n alice@example.org"));
    CHECK(head_of(text).contains("Auto-Submitted: auto-generated"));
    CHECK_FALSE(head_of(text).contains("From:"));
    for (const std::string_view part :
         {"\n\nBackup of home failed after 3 s: the disk is gone\n", "  outcome   failed\n", "  host      laptop\n",
          "  began     2025-11-24 ", "  next      Fri 2026-11-27 00:03:12 UTC\n", "  snapshot  1a2b3c4d in nas\n",
          "What it means, and what to do:\n\nPlug it in:\n\n    systemctl start\n", "\n10:00:03 the disk is gone\n",
          "journalctl -u 'igotchuu@home.service'"}) {
        INFO(text);
        INFO(part);
        CHECK(text.contains(part));
    }
}

TEST_CASE("it says that it works again, without the advice of a warning")
{
    auto recovered = a_failure();
    recovered.occasion = Occasion::recovery;
    const auto text = letter(to_root(), recovered, circumstances);
    CHECK(head_of(text).contains("Subject: igotchuu: backup of home works again on laptop"));
    CHECK(text.contains("\n\nIt works again. "));
    CHECK_FALSE(text.contains("Plug it in"));
}

TEST_CASE("no text can begin a header of its own")
{
    auto evil = circumstances;
    evil.host = "laptop\r\nBcc: host@example.org";
    const auto head = head_of(letter(to_root(), a_failure("home\nBcc: name@example.org"), evil));
    INFO(head);
    CHECK_FALSE(head.contains("\nBcc"));
    CHECK_FALSE(head.contains("\rBcc"));
    CHECK(std::ranges::count(head, '\n') == 7);
}

TEST_CASE("the letter is from whom notify.toml names")
{
    auto notify = to_root();
    notify.mail_from = "backup@example.org";
    CHECK(letter(notify, a_failure(), circumstances).starts_with("From: backup@example.org\n"));
}

TEST_CASE("a header is ASCII, in words of at most 75 characters")
{
    CHECK(header_text("backup of home failed") == "backup of home failed");
    CHECK(header_text("Größe") == "=?utf-8?Q?Gr=C3=B6=C3=9Fe?=");
    CHECK(header_text("=?utf-8?Q?x?=") == "=?utf-8?Q?=3D=3Futf=2D8=3FQ=3Fx=3F=3D?=");
    std::string crabs;
    for (int i = 0; i < 30; ++i)
        crabs += "🦀";
    for (const auto line : header_text(crabs) | std::views::split('\n')) {
        CHECK(std::ranges::distance(line) <= 76); // with the space that folds it
        CHECK(std::string_view{line}.ends_with("?="));
    }
}

TEST_CASE("no line is longer than a mail may have, and no character is cut")
{
    auto talkative = a_failure();
    talkative.sentence.clear();
    for (int i = 0; i < 700; ++i)
        talkative.sentence += "ü🦀";
    const auto text = text_of(talkative, circumstances);
    std::string together;
    for (const auto line : text | std::views::split('\n')) {
        CHECK(std::ranges::distance(line) <= 998);
        together += std::string_view{line};
        CHECK((line.empty() || (static_cast<unsigned char>(line.front()) & 0xc0) != 0x80));
    }
    CHECK(together.contains(talkative.sentence));
}

TEST_CASE("a backup that is not fresh is no backup that failed")
{
    auto happening = a_failure();
    happening.subject.kind = Subject::Kind::freshness;
    CHECK(subject_line(happening, "laptop") == "igotchuu: backup of home is not fresh on laptop");
    happening.occasion = Occasion::recovery;
    CHECK(subject_line(happening, "laptop") == "igotchuu: backup of home is fresh again on laptop");
}

TEST_CASE("wrong schedules are no backup that failed")
{
    auto happening = a_failure();
    happening.subject = {Subject::Kind::verification, ""};
    happening.name.clear();
    CHECK(subject_line(happening, "laptop") == "igotchuu: units or schedules are wrong on laptop");
    happening.occasion = Occasion::recovery;
    CHECK(subject_line(happening, "laptop") == "igotchuu: units or schedules are right again on laptop");
}
