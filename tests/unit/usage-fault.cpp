// SPDX-License-Identifier: MIT
#include "cli/usage-fault.hpp"
#include "cli/command-line.hpp"
#include "cli/job-names.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace igotchuu;

namespace
{

std::string fault_in(std::vector<std::string> words)
{
    CLI::App app;
    Command chosen;
    add_verbs(app, chosen);
    std::ranges::reverse(words); // as CLI11 takes them
    try {
        app.parse(std::move(words));
    } catch (const CLI::ParseError &error) {
        return fault_of(&app, error);
    }
    return {};
}

/// What is wrong with the job that a verb takes it for.
std::string no_job_of(std::vector<std::string> words)
{
    CLI::App app;
    Command chosen;
    add_verbs(app, chosen);
    std::ranges::reverse(words);
    app.parse(std::move(words));
    try {
        static_cast<void>(chosen());
    } catch (const UsageError &error) {
        return error.what();
    }
    return {};
}

} // namespace

TEST_CASE("a word is what was typed, whatever brackets it has")
{
    CHECK(no_job_of({"start", "[old]"}).starts_with(R"(there is no job "[old]")"));
    CHECK(no_job_of({"stop", "[a,b]"}).starts_with(R"(there is no job "[a,b]")"));
    CHECK(no_job_of({"start", "{}"}).starts_with(R"(there is no job "{}")"));
    CHECK(no_job_of({"start", "%%", "[old]"}).starts_with(R"(there is no job "%%")"));
    CHECK(no_job_of({"start", "--", "-a"}).starts_with(R"(there is no job "-a")"));

    CLI::App app;
    Command chosen;
    add_verbs(app, chosen);
    app.parse(std::vector<std::string>{"-d", "--", "c", "[ab]", "home", "find"}); // from the last to the first
    CHECK(app.get_subcommand("find")->get_option("JOB")->results() == std::vector<std::string>{"home"});
    CHECK(app.get_subcommand("find")->get_option("PATTERN")->results() == std::vector<std::string>{"[ab]", "c", "-d"});
}

TEST_CASE("an option that may be said again takes one value each time")
{
    CLI::App app;
    Command chosen;
    add_verbs(app, chosen);
    std::vector<std::string> words{"new", "--exclude", "[ab]", "home", "--exclude", "{}", "/a", "--repository", "nas", "/b"};
    std::ranges::reverse(words);
    app.parse(std::move(words));
    const auto *const verb = app.get_subcommand("new");
    CHECK(verb->get_option("--exclude")->results() == std::vector<std::string>{"[ab]", "{}"});
    CHECK(verb->get_option("--repository")->results() == std::vector<std::string>{"nas"});
    CHECK(verb->get_option("PATH")->results() == std::vector<std::string>{"/a", "/b"});
}

TEST_CASE("a wrong option or value is named on one line, with the nearest that there is")
{
    CHECK(fault_in({"status", "--jsno"}) ==
          "igotchuu: there is no option \"--jsno\"; did you mean \"--json\"? (see igotchuu status --help)\n");
    CHECK(fault_in({"--hlep"}) == "igotchuu: there is no option \"--hlep\"; did you mean \"--help\"? (see igotchuu --help)\n");
    CHECK(fault_in({"restore", "home", "/a", "--overwrit=always"}) ==
          "igotchuu: there is no option \"--overwrit=always\"; did you mean \"--overwrite\"? (see igotchuu restore --help)\n");
    CHECK(fault_in({"restore", "home", "/a", "--overwrite", "alwys"}) ==
          "igotchuu: --overwrite: there is no \"alwys\"; did you mean \"always\"? (see igotchuu restore --help)\n");
    CHECK(fault_in({"schema", "xyz"}) ==
          "igotchuu: KIND: there is no \"xyz\", but job, repository or notify (see igotchuu schema --help)\n");
    CHECK(fault_in({"run", "-dash"}) ==
          "igotchuu: there is no option \"-dash\"; what begins with a dash and is none comes after -- (see igotchuu run --help)\n");
    CHECK(fault_in({"run", "a", "b"}) == "igotchuu: \"b\" is a word too many (see igotchuu run --help)\n");
    CHECK(fault_in({"repository"}) == "igotchuu: what of it? init, confirm or status (see igotchuu repository --help)\n");
    CHECK(fault_in({"run"}) == "igotchuu: JOB is required (see igotchuu run --help)\n");
    CHECK_FALSE(fault_in({"status", "--\x1b[31m"}).contains('\x1b'));
    CHECK_FALSE(fault_in({"schema", "\x1b[31m\n"}).contains('\x1b'));
    CHECK(fault_in({"run", "--", "-dash"}).empty());
}
