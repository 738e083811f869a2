// SPDX-License-Identifier: MIT
#include "exec/restic/look.hpp"
#include "exec/restic/node.hpp"
#include "exec/restic/object-stream.hpp"
#include "exec/restic/snapshot-json.hpp"
#include "exec/retrieve/occurrences.hpp"

#include <catch2/catch_test_macros.hpp>

#include <format>
#include <string>
#include <vector>

using namespace igotchuu;

namespace
{

using Texts = std::vector<std::string>;

struct Heard {
    Texts objects{}, around{};
};

/// The text in pieces of so many bytes.
Heard heard(int depth, std::string_view text, std::size_t piece)
{
    Heard heard;
    restic::ObjectStream stream{depth, [&](std::string_view object) { heard.objects.emplace_back(object); },
                                [&](std::string_view around) { heard.around.emplace_back(around); }};
    for (; !text.empty(); text.remove_prefix(std::min(piece, text.size())))
        stream.feed(text.substr(0, piece));
    return heard;
}

} // namespace

TEST_CASE("objects of a long list are heard one by one, whatever their texts hold and wherever it is cut")
{
    constexpr std::string_view found =
        R"([{"matches":[{"path":"/a]}\"{","x":{"y":[1,2]}},{"path":"/\\"}],"hits":2,"snapshot":"1f"},)"
        R"({"matches":[{}],"hits":1,"snapshot":"2f"}])";
    for (const std::size_t piece : {1U, 2U, 7U, 1000U}) {
        const auto all = heard(4, found, piece);
        CHECK(all.objects == Texts{R"({"path":"/a]}\"{","x":{"y":[1,2]}})", R"({"path":"/\\"})", "{}"});
        CHECK(all.around == Texts{R"({"matches":[],"hits":2,"snapshot":"1f"})", R"({"matches":[],"hits":1,"snapshot":"2f"})"});
        CHECK(heard(3, R"({"nodes":[{"name":"a"},{"name":"b"}]})", piece).objects == Texts{R"({"name":"a"})", R"({"name":"b"})"});
    }
    CHECK(heard(4, "[]\n", 1).objects.empty());
    CHECK(heard(3, R"({"nodes":null})", 1).objects.empty());
}

TEST_CASE("what is no JSON is passed over and remembered, wherever it stands, and spoils nothing of what is")
{
    constexpr std::string_view words = "Unable to load tree 1a2b\n ... which belongs to snapshot 3c4d: [{\"\n",
                               first = R"([{"matches":[{"path":"/a"},)", second = R"({"path":"/b"}],"hits":2,"snapshot":"1f"}])";
    for (const auto &text : {std::format("{}{}{}", first, words, second), std::format("{}{}{}", words, first, second),
                             std::format("{}{}{}", first, second, words)}) {
        Texts objects, around;
        restic::ObjectStream stream{4, [&](std::string_view object) { objects.emplace_back(object); },
                                    [&](std::string_view object) { around.emplace_back(object); }};
        stream.feed(text);
        CHECK(objects == Texts{R"({"path":"/a"})", R"({"path":"/b"})"});
        CHECK(around == Texts{R"({"matches":[],"hits":2,"snapshot":"1f"})"});
        CHECK(stream.heard_other_words());
    }
}

TEST_CASE("U+FFFD in a pattern that is typed fits each byte that no JSON can say, and what is a class stays one")
{
    CHECK(restic::typed_pattern("caf\xef\xbf\xbd*") == "caf[\xef\xbf\xbd]*");
    CHECK(restic::typed_pattern("\xef\xbf\xbd\xef\xbf\xbd") == "[\xef\xbf\xbd][\xef\xbf\xbd]");
    CHECK(restic::typed_pattern("[a\xef\xbf\xbd]\\[\xef\xbf\xbd") == "[a\xef\xbf\xbd]\\[[\xef\xbf\xbd]");
    CHECK(restic::typed_pattern("*.[od]t") == "*.[od]t");
    CHECK(restic::pattern_of("/a/[b]\xef\xbf\xbd") == "/a/\\[b][\xef\xbf\xbd]");
}

TEST_CASE("a name in a tree has all its bytes")
{
    CHECK(restic::unquoted(R"(caf\xe9)") == "caf\xe9");
    CHECK(restic::unquoted(R"(new\nline\t\"quoted\" \\x2d)") == "new\nline\t\"quoted\" \\x2d");
    CHECK(restic::unquoted(R"(\u200b\u00ad\U0001f980ü)") == "\u200b\u00ad\U0001f980ü");
    CHECK(restic::unquoted(R"(\x00)").size() == 1);
    CHECK(restic::unquoted(R"(\)") == "\\");
    const auto node = restic::tree_node(
        R"({"name":"b\\xffd","type":"file","mode":8389101,"mtime":"2026-11-26T23:57:18.2Z","uid":1000,"gid":1,"user":"alice","size":4,"content":["2d","2e"]})",
        "/srv");
    CHECK(node.path == "/srv/b\xff"
                       "d");
    CHECK(node.mode == 04755);
    CHECK(node.uid == 1000);
    CHECK(node.content == Texts{"2d", "2e"});
    CHECK(restic::tree_node(R"({"name":"a","type":"dir"})", "/").path == "/a");
    CHECK_THROWS_AS(restic::tree_node(R"({"type":"dir"})", "/"), restic::NotUnderstood);
    CHECK_THROWS_AS(restic::matching_node(R"(["/a"])"), restic::NotUnderstood);
}

TEST_CASE("rights are those of chmod")
{
    CHECK(restic::mode_bits(420) == 0644);
    CHECK(restic::mode_bits(2148532735) == 01777);
    CHECK(restic::mode_bits((1U << 22) | 0755) == 02755);
}

TEST_CASE("in which snapshots something is takes no more room than there are gaps")
{
    const auto said = [](const std::vector<std::size_t> &numbers) {
        retrieve::Occurrences in;
        for (const auto number : numbers)
            in.add(number);
        return in.message().dump() + ' ' + std::to_string(in.newest());
    };
    CHECK(said({0, 1, 2, 3}) == "[[0,3]] 0");
    CHECK(said({3, 2, 1}) == "[[1,3]] 1");
    CHECK(said({5, 1, 3, 2, 7}) == "[[1,3],[5,5],[7,7]] 1");
    CHECK(said({0, 2, 1}) == "[[0,2]] 0");
    retrieve::Occurrences a, b;
    a.add(4);
    b.add(1);
    b.add(5);
    a.add(b);
    CHECK(a.message().dump() == "[[1,1],[4,5]]");
    CHECK(said({2, 1, 2, 1, 4, 4}) == "[[1,2],[4,4]] 1");
    retrieve::Occurrences c;
    c.add(2);
    c.add(3);
    CHECK_FALSE(a.meets(c));
    c.add(4);
    CHECK(a.meets(c));
    CHECK(c.meets(a));
}
