// SPDX-License-Identifier: MIT
#include "cli/command-line.hpp"
#include "cli/complete.hpp"
#include "cli/job-names.hpp"
#include "cli/usage-fault.hpp"
#include "cli/verbs.hpp"
#include "job/diagnostic.hpp"
#include "job/exit-status.hpp"

#include <algorithm>
#include <clocale>
#include <iostream>
#include <sdbus-c++/Error.h>
#include <span>
#include <stdexcept>
#include <string>
#include <sys/prctl.h>
#include <utility>
#include <vector>

namespace igotchuu
{

namespace
{

/// "help VERB" is what "VERB --help" is.
std::vector<std::string> words_of(int argc, char **argv)
{
    std::vector<std::string> words(argv + 1, argv + argc);
    if (!words.empty() && words.front() == "help") {
        words.erase(words.begin());
        words.emplace_back("--help");
    }
    return words;
}

int run(int argc, char **argv)
{
    CLI::App app;
    app.set_version_flag("--version", "igotchuu " IGOTCHUU_VERSION);
    app.failure_message(fault_of);
    Command chosen = [] { return show_status({.one_screen = true}); };
    add_verbs(app, chosen);
    auto words = words_of(argc, argv);
    if (!words.empty() && words.front() == "complete") { // no verb of a person's: its own words may be anything
        for (const auto &line : candidates(app, std::span{words}.subspan(1)))
            std::cout << line << '\n';
        return static_cast<int>(ExitStatus::success);
    }
    check_verbs(app, words);
    try {
        std::ranges::reverse(words); // as CLI11 takes them
        app.parse(std::move(words));
    } catch (const CLI::ParseError &error) {
        return app.exit(error) == 0 ? static_cast<int>(ExitStatus::success) : static_cast<int>(ExitStatus::usage);
    }
    return chosen();
}

int say(std::string_view what, ExitStatus status)
{
    std::cerr << "igotchuu: " << what << '\n';
    return static_cast<int>(status);
}

} // namespace

} // namespace igotchuu

int main(int argc, char **argv)
{
    using namespace igotchuu;
    prctl(PR_SET_DUMPABLE, 0); // a recovery key passes through this process: no core, no ptrace by others
    std::setlocale(LC_ALL, "");
    try {
        return run(argc, argv);
    } catch (const Cancelled &) {
        return static_cast<int>(ExitStatus::stopped);
    } catch (const UsageError &error) {
        return say(error.what(), ExitStatus::usage);
    } catch (const ConfigError &error) {
        return say(error.what(), ExitStatus::bad_configuration);
    } catch (const std::invalid_argument &error) {
        return say(error.what(), ExitStatus::bad_configuration);
    } catch (const sdbus::Error &error) {
        return say("systemd does not do that: " + printable(error.getMessage()), ExitStatus::failed);
    } catch (const std::exception &error) {
        return say(error.what(), ExitStatus::failed);
    }
}
