// SPDX-License-Identifier: MIT
#include "exec/restic/node.hpp"
#include "exec/restic/object-stream.hpp"
#include "exec/restic/snapshot-json.hpp"
#include "exec/retrieve/occurrences.hpp"

#include <catch2/catch_test_macros.hpp>

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
}
