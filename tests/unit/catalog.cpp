// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>

#include <fstream>
#include <map>
#include <regex>
#include <sstream>

namespace
{

std::string contents(const std::string &path)
{
    std::ifstream file{path};
    REQUIRE(file);
    return (std::stringstream{} << file.rdbuf()).str();
}

/// What the first group of `pattern` finds, and how often.
std::map<std::string, int> found(const std::string &text, const std::string &pattern)
{
    const std::regex expression{pattern, std::regex::multiline};
    std::map<std::string, int> all;
    for (std::sregex_iterator match{text.begin(), text.end(), expression}, end; match != end; ++match)
        ++all[(*match)[1]];
    return all;
}

} // namespace

TEST_CASE("every message id has its text in the catalog, and every text its message id, once")
{
    const auto ids = found(contents(SOURCE_ROOT "/exec/report/message-id.hpp"), "string_view \\w+ =\\s+\"([0-9a-f]{32})\"");
    const auto texts = found(contents(SOURCE_ROOT "/units/igotchuu.catalog"), "^-- ([0-9a-f]{32})$");
    CHECK(ids.size() > 10);
    CHECK(ids == texts);
    for (const auto &[id, count] : ids)
        CHECK(count == 1);
}

TEST_CASE("every text of the catalog has a subject, and names only fields that exist")
{
    const std::string catalog = contents(SOURCE_ROOT "/units/igotchuu.catalog");
    CHECK(found(catalog, "^-- ([0-9a-f]{32})\nSubject: .+\nDefined-By: igotchuu\n\n.").size() ==
          found(catalog, "^(-- )").at("-- ") + 0u);
    std::string sources;
    for (const std::string file : {"channels.cpp", "report.cpp", "result.cpp", "maintenance-report.cpp"})
        sources += contents(SOURCE_ROOT "/exec/report/" + file);
    for (const auto &[field, count] : found(catalog, "@(IGOTCHUU_[A-Z_]+)@"))
        CHECK(sources.contains("\"" + field + "\""));
}
