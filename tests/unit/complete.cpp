// SPDX-License-Identifier: MIT
#include "cli/complete.hpp"
#include "cli/command-line.hpp"
#include "cli/job-names.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

using namespace igotchuu;

namespace
{

using Words = std::vector<std::string>;

/// Without what they are.
Words words_after(const Words &typed)
{
    CLI::App app;
    Command chosen;
    add_verbs(app, chosen);
    auto all = candidates(app, typed);
    for (auto &line : all)
        line.resize(line.find('\t'));
    return all;
}

std::string fault_of(const Words &typed)
{
    CLI::App app;
    Command chosen;
    add_verbs(app, chosen);
    try {
        check_verbs(app, typed);
        return {};
    } catch (const UsageError &error) {
        return error.what();
    }
}

} // namespace

TEST_CASE("verbs, their options and what they take are completed")
{
    CHECK(words_after({"sta"}) == Words{"status", "start"});
    CHECK(words_after({"repository", ""}) == Words{"init", "confirm", "status"});
    CHECK(words_after({"status", "--j"}) == Words{"--json"});
    CHECK(words_after({"schema", ""}) == Words{"job", "repository", "notify"});
    CHECK(words_after({"validate", "x"}) == Words{"/"});
    CHECK(words_after({"reload", ""}).empty());
    CHECK(words_after({"nothing", ""}).empty());
    CHECK(words_after({"new", ""}).empty());
    CHECK(words_after({"new", "home", "/h"}) == Words{"/"});
    CHECK(words_after({"report", "--html", ""}) == Words{"/"});
    CHECK(words_after({"mount", "home", "/m"}) == Words{"//"});
    CHECK(words_after({"restore", "--to", ""}) == Words{"//"});
    CHECK(words_after({"new", "--repository", "def"}) == Words{"default"});
    CHECK(words_after({"new", "home", "--calendar", ""}).empty());
    CHECK(words_after({"new", "--calendar", "weekly", "home", "/h"}) == Words{"/"});
    CHECK(words_after({"migrate", "--from", ""}) == Words{"resticprofile", "borgmatic", "systemd-restic"});
    CHECK(words_after({"migrate", "--from", "borgmatic", "/e"}) == Words{"/"});
    CHECK(words_after({"migrate", "--from", "borgmatic", "/etc/b.json", ""}).empty());
    CHECK(words_after({"ls", "home", "--at", ""}).empty());
    CHECK(words_after({"ls", "home", "--password-file", ""}) == Words{"/"});
    CHECK(words_after({"ls", "--repository", ""}) == words_after({"repository", "status", ""}));
    CHECK(words_after({"new", "--repository", "nas", "home", "/h"}) == Words{"/"}); // a value is no word of the verb
    CHECK(words_after({"find", "home", ""}).empty());
    CHECK(words_after({"diff", "no such job", ""}) == Words{"/"});
    CHECK(words_after({}).size() > 10);
}

TEST_CASE("where a path may stand in the place of a job, it is completed as one")
{
    for (const auto *const verb : {"ls", "find", "diff", "versions", "restore"}) {
        INFO(verb);
        for (const auto *const begun : {"/", "/home/al", ".", "./al", "~/al"})
            CHECK(words_after({verb, begun}) == Words{"/"});
        CHECK_FALSE(std::ranges::contains(words_after({verb, ""}), "/"));
    }
    CHECK(words_after({"restore", "/home/alice", "/home/b"}) == Words{"/"});
    CHECK(words_after({"mount", "--repository", "nas", "/m"}) == Words{"//"});
    CHECK(words_after({"audit", "/h"}).empty());
    CHECK(words_after({"start", "/h"}).empty());
    CHECK(words_after({"new", "/h"}).empty());
}

TEST_CASE("a wrong verb is named with the nearest one, on one line, whatever was typed")
{
    CHECK(fault_of({"status"}).empty());
    CHECK(fault_of({"status", "jbo"}).empty());
    CHECK(fault_of({"--help"}).empty());
    CHECK(fault_of({}).empty());
    CHECK(fault_of({"statsu"}) == R"(there is no "igotchuu statsu"; did you mean "igotchuu status"?)");
    CHECK(fault_of({"repository", "confrim"}) ==
          R"(there is no "igotchuu repository confrim"; did you mean "igotchuu repository confirm"?)");
    CHECK(fault_of({"\x1b[2J\n"}) == R"(there is no "igotchuu \x1b[2J\x0a"; igotchuu --help lists what there is)");
}
