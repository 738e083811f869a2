// SPDX-License-Identifier: MIT
#include "cli/draft.hpp"
#include "cli/program.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/exit-status.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <format>
#include <fstream>
#include <iostream>
#include <iterator>
#include <ranges>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace igotchuu
{

namespace
{

std::vector<std::string> words_of(std::string_view text)
{
    std::vector<std::string> words;
    for (const auto word : std::views::split(text, ' '))
        if (!word.empty())
            words.emplace_back(std::string_view{word});
    return words;
}

/// As systemctl(1) edit chooses it.
void open_editor(const std::string &file)
{
    for (const auto *const name : {"SUDO_EDITOR", "VISUAL", "EDITOR"})
        if (const char *const value = std::getenv(name); value != nullptr && !words_of(value).empty()) {
            auto words = words_of(value);
            words.push_back(file);
            if (const auto status = end_of_program(start_program(words)); status != 0)
                throw Failure{
                    std::format("the editor {} exited with {}, so nothing was changed", printable(words.front()), status)};
            return;
        }
    for (const auto *const program : {"editor", "nano", "vi"}) {
        try {
            static_cast<void>(end_of_program(start_program({program, file})));
            return;
        } catch (const std::system_error &) { // the next
        }
    }
    throw Failure{"there is no editor: set EDITOR to the one that you use"};
}

std::string text_of(const std::string &file)
{
    std::ifstream stream{file};
    if (!stream)
        fail(errno, "cannot read {}", file);
    return {std::istreambuf_iterator<char>{stream}, {}};
}

unsigned mode_of(const std::string &file)
{
    struct stat status{};
    if (stat(file.c_str(), &status) < 0)
        fail(errno, "cannot look at {}", file);
    return status.st_mode & 0777U;
}

/// What was typed in the editor was not for us: a pending Ctrl-C is dropped.
void forget_interrupts()
{
    std::signal(SIGINT, SIG_IGN);
    std::signal(SIGINT, SIG_DFL);
}

bool wants_to_edit_again(const StopSignals &stop)
{
    if (!somebody_is_there())
        return false;
    const auto answer = ask("Edit it again? (Enter: yes; n: no, and nothing is changed): ", Echo::on, stop);
    return answer && *answer != "n" && *answer != "no";
}

} // namespace

int edit_job(const std::string &word)
{
    const StopSignals stop;
    const auto path = SearchPath::standard();
    const auto job = job_called(path, word);
    if (job.file.empty())
        throw Failure{std::format("job {} has no file; igotchuu new makes one", printable(job.name))};
    const auto before = text_of(job.file);
    Draft draft{job, before, mode_of(job.file)};
    for (;;) {
        open_editor(draft.path());
        forget_interrupts();
        if (draft.text() == before) {
            std::cout << "nothing was changed\n";
            return static_cast<int>(ExitStatus::success);
        }
        const auto faults = draft.faults(path);
        if (faults.empty())
            break;
        for (const auto &fault : faults)
            std::cerr << to_string(fault) << '\n';
        if (!wants_to_edit_again(stop)) {
            std::cerr << std::format("igotchuu: {} stays as it was\n", printable(job.file));
            return static_cast<int>(ExitStatus::bad_configuration);
        }
    }
    draft.land(Draft::Landing::over_another);
    return reload();
}

} // namespace igotchuu
