// SPDX-License-Identifier: MIT
#include "cli/command-line.hpp"
#include "cli/doctor/doctor.hpp"
#include "cli/overview.hpp"
#include "cli/report/report.hpp"
#include "cli/repository/standing.hpp"
#include "job/exit-status.hpp"
#include "job/schema.hpp"
#include "job/state.hpp"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <format>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

using namespace igotchuu;

namespace
{

std::string page(const std::string &name)
{
    std::ifstream file{SOURCE_ROOT "/man/" + name + ".scd"};
    REQUIRE(file);
    return (std::stringstream{} << file.rdbuf()).str();
}

/// The text below "# TITLE", up to the next title.
std::string section(const std::string &text, const std::string &title)
{
    const std::size_t begin = text.find("\n# " + title + "\n");
    REQUIRE(begin != std::string::npos);
    return text.substr(begin, text.find("\n# ", begin + 1) - begin);
}

/// The paragraph of one key of the section KEYS; empty: there is none.
std::string paragraph(const std::string &keys, const Key &key)
{
    const std::string heading =
        key.type == KeyType::unit_section || key.type == KeyType::switched_section || key.type == KeyType::variables
            ? std::format("\n*[{}]*\n", key.name)
            : std::format("\n*{}* = ", key.name);
    const std::size_t begin = keys.find(heading);
    return begin == std::string::npos ? std::string{} : keys.substr(begin, keys.find("\n\n", begin) - begin);
}

std::set<std::string> described(const std::string &keys)
{
    const std::regex heading{R"((?:^|\n)\*\[?([a-z.-]+)\]?\*(?: = .*)?(?=\n\t))"};
    std::set<std::string> names;
    for (std::sregex_iterator match{keys.begin(), keys.end(), heading}, end; match != end; ++match)
        names.insert((*match)[1]);
    return names;
}

void compare(const std::string &name, std::span<const Key> schema)
{
    const std::string keys = section(page(name), "KEYS");
    std::set<std::string> known;
    for (const Key &key : schema) {
        INFO(key.name);
        known.emplace(key.name);
        const std::string text = paragraph(keys, key);
        CHECK_FALSE(text.empty());
        CHECK(text.contains("Required.") == key.required);
        CHECK(text.contains("Default: ") == !key.standard.empty());
        if (!key.standard.empty())
            CHECK(text.contains(std::format("Default: {}", key.standard)));
        if (key.most > 0)
            CHECK(text.contains(std::format("from {} to {}", key.least, key.most)));
        for (const std::string_view choice : key.choices)
            CHECK(text.contains(std::format("\"{}\"", choice)));
    }
    CHECK(described(keys) == known);
}

} // namespace

TEST_CASE("the manual of jobs has every key, with its default and its range, and no other")
{
    compare("igotchuu.job.5", job_keys());
}

TEST_CASE("the manual of repositories has every key, with its default and its range, and no other")
{
    compare("igotchuu.repository.5", repository_keys());
}

TEST_CASE("the manual of who is told has every key, with its default, and no other")
{
    compare("igotchuu.notify.5", notify_keys());
}

TEST_CASE("the manual has every outcome and every exit status")
{
    const std::string outcomes = section(page("igotchuu.7"), "OUTCOMES"),
                      statuses = section(page("igotchuu-exec.8"), "EXIT STATUS");
    for (const Outcome outcome : igotchuu::outcomes) {
        CHECK(outcomes.contains(std::format("\n*{}*\n", to_string(outcome))));
        CHECK(statuses.contains(std::format("\n*{}*\n", static_cast<int>(exit_status(outcome)))));
    }
    CHECK(statuses.contains(std::format("\n*{}*\n", static_cast<int>(ExitStatus::usage))));
}

namespace
{

/// Every verb that is typed, as it is typed: "repository init".
void for_each_verb(const CLI::App &app, const std::string &before, const auto &look)
{
    for (const auto *const verb : app.get_subcommands([](const CLI::App *) { return true; })) {
        const auto name = before + verb->get_name();
        const bool has_own = !verb->get_subcommands([](const CLI::App *) { return true; }).empty();
        INFO(name);
        CHECK(verb->get_footer().contains("Example: igotchuu " + name));
        CHECK_FALSE(verb->get_description().empty());
        if (!has_own)
            look(name, *verb);
        for_each_verb(*verb, name + " ", look);
    }
}

} // namespace

TEST_CASE("the manual has every verb with every option of it, and each --help has an example")
{
    CLI::App app;
    Command chosen;
    add_verbs(app, chosen);
    const std::string text = page("igotchuu.1"), synopsis = section(text, "SYNOPSIS");
    for_each_verb(app, "", [&](const std::string &name, const CLI::App &verb) {
        CHECK(text.contains(std::format("\n*{}*", name)));
        for (const auto *const option : verb.get_options())
            for (const auto &word : option->get_lnames())
                if (word != "help") {
                    INFO(word);
                    CHECK(text.contains(std::format("*--{}*", word)));
                    CHECK(synopsis.contains(std::format("*--{}*", word)));
                }
    });
    const std::regex typed{R"(\*--([a-z-]+)\*)"};
    std::set<std::string> known{"help", "version"};
    for_each_verb(app, "", [&](const std::string &, const CLI::App &verb) {
        for (const auto *const option : verb.get_options())
            for (const auto &word : option->get_lnames())
                known.insert(word);
    });
    for (std::sregex_iterator match{text.begin(), text.end(), typed}, end; match != end; ++match) {
        INFO((*match)[1]);
        CHECK(known.contains((*match)[1]));
    }
}

namespace
{

/// What `app` and each verb below it says of itself; `before`: how the verb above is typed.
void check_width(const CLI::App &app, const std::string &before)
{
    constexpr std::size_t columns = 80;
    std::istringstream help{app.help(before)};
    for (std::string line; std::getline(help, line);) {
        INFO(line);
        CHECK(line.size() <= columns);
    }
    for (const auto *const verb : app.get_subcommands([](const CLI::App *) { return true; }))
        check_width(*verb, before.empty() ? app.get_name() : before + " " + app.get_name());
}

} // namespace

TEST_CASE("each --help fits a terminal of 80 columns")
{
    CLI::App app;
    Command chosen;
    add_verbs(app, chosen);
    check_width(app, "");
}

TEST_CASE("the manual has every member of the JSON of status")
{
    const std::string text = section(page("igotchuu.1"), "JSON");
    const auto now = Clock::now();
    const auto json = to_json(worst_first({{.name = "home",
                                            .instance = "home",
                                            .doing = Doing::running,
                                            .activity = Activity{.progress = Progress{}},
                                            .outcome = Outcome::success,
                                            .proven = {{.repository = "nas"}},
                                            .kept = {{.repositories = {{.repository = "nas"}}}},
                                            .retentions = {{.retention = Retention{.hold = Hold::shrunk}}}}},
                                          now));
    const std::regex member{R"x("([a-z_]+)":)x"};
    const std::set<std::string> of_restic{"seconds_elapsed", "seconds_remaining", "percent_done", "total_files",
                                          "files_done",      "total_bytes",       "bytes_done",   "error_count"};
    for (std::sregex_iterator match{json.begin(), json.end(), member}, end; match != end; ++match)
        if (!of_restic.contains((*match)[1])) {
            INFO((*match)[1]);
            CHECK(text.contains(std::format("_{}_", (*match)[1].str())));
        }
}

TEST_CASE("the manual has every member of the JSON of report")
{
    const std::string text = section(page("igotchuu.1"), "JSON");
    const auto json =
        report_json({"laptop",
                     Clock::now(),
                     {{.name = "home",
                       .instance = "home",
                       .record = {.history = {{.repositories = {{.repository = "nas"}}}}, .days = {Day{.runs = 1}}}}}});
    const std::regex member{R"x("([a-z_]+)":)x"};
    for (std::sregex_iterator match{json.begin(), json.end(), member}, end; match != end; ++match) {
        INFO((*match)[1]);
        CHECK(text.contains(std::format("_{}_", (*match)[1].str())));
    }
}

TEST_CASE("the manual has every member of the JSON of repository status")
{
    const std::string text = section(page("igotchuu.1"), "JSON");
    const auto begin = text.find("\n*repository status*: ");
    REQUIRE(begin != std::string::npos);
    const auto described = text.substr(begin, text.find("\n*validate*: ", begin) - begin);
    const RepositoryStanding standing{
        .record = RepositoryRecord{.history = {MaintenanceRun{}}, .recovery_key = RecoveryKey{}},
        .held = {{"home", Retention{.hold = Hold::shrunk}}},
        .awaited = {{"home", KeptInstant{}, Wanting{}}},
    };
    const auto json = to_json(std::vector{standing});
    const std::regex member{R"x("([a-z_]+)":)x"};
    for (std::sregex_iterator match{json.begin(), json.end(), member}, end; match != end; ++match) {
        INFO((*match)[1]);
        CHECK(((*match)[1] == "schema" || described.contains(std::format("_{}_", (*match)[1].str()))));
    }
}

TEST_CASE("the manual has every check of doctor, and every member of its JSON")
{
    const std::string text = page("igotchuu.1"), json = section(text, "JSON");
    for (const auto &check : doctor::checks()) {
        INFO(check.name);
        CHECK(text.contains(std::format("_{}_", check.name)));
    }
    const auto printed = doctor::to_json({}, {{Severity::warning, "home", "why", "cure", "clock"}});
    const std::regex member{R"x("([a-z_]+)":)x"};
    for (std::sregex_iterator match{printed.begin(), printed.end(), member}, end; match != end; ++match) {
        INFO((*match)[1]);
        CHECK(json.contains(std::format("_{}_", (*match)[1].str())));
    }
}

namespace
{

std::set<std::string> names_of_tests()
{
    std::set<std::string> tests;
    for (const auto &entry : std::filesystem::recursive_directory_iterator{SOURCE_ROOT "/tests"})
        tests.insert(entry.path().stem().native());
    return tests;
}

} // namespace

TEST_CASE("what proven means names tests that are there, and says which keys there are")
{
    std::ifstream file{SOURCE_ROOT "/docs/what-proven-means.md"};
    REQUIRE(file);
    const std::string text = (std::stringstream{} << file.rdbuf()).str();
    const auto tests = names_of_tests();
    const std::regex held{R"(Test:((?:[ ,\n]+`[a-z0-9-]+`)+))"}, name{"`([a-z0-9-]+)`"};
    int sentences = 0;
    for (std::sregex_iterator match{text.begin(), text.end(), held}, end; match != end; ++match, ++sentences) {
        const std::string names = (*match)[1];
        for (std::sregex_iterator one{names.begin(), names.end(), name}; one != end; ++one) {
            INFO((*one)[1]);
            CHECK(tests.contains((*one)[1]));
        }
    }
    CHECK(sentences > 15);
    for (const std::string_view key : {"prove = \"full\"", "prove-every-days", "prove-minutes"})
        CHECK(text.contains(key));
}

TEST_CASE("each promise of the threat model names tests that are there")
{
    const auto tests = names_of_tests();
    std::ifstream file{SOURCE_ROOT "/docs/threat-model.md"};
    REQUIRE(file);
    const std::string text = (std::stringstream{} << file.rdbuf()).str();
    const std::regex promise{R"(\n- \*\*)"}, held{R"(Test:((?:[ ,\n]+`[a-z0-9-]+`)+))"}, name{"`([a-z0-9-]+)`"};
    const auto count = [&](const std::regex &pattern) {
        return std::distance(std::sregex_iterator{text.begin(), text.end(), pattern}, std::sregex_iterator{});
    };
    const auto trusted = 6; // those come first, and promise nothing
    CHECK(count(held) == count(promise) - trusted);
    for (std::sregex_iterator match{text.begin(), text.end(), held}, end; match != end; ++match) {
        const std::string names = (*match)[1];
        for (std::sregex_iterator one{names.begin(), names.end(), name}; one != end; ++one) {
            INFO((*one)[1]);
            CHECK(tests.contains((*one)[1]));
        }
    }
}
