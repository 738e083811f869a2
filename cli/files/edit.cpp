// SPDX-License-Identifier: MIT
#include "cli/files/draft.hpp"
#include "cli/program.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/exit-status.hpp"

#include <csignal>
#include <cstdlib>
#include <format>
#include <iostream>
#include <ranges>
#include <system_error>

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

/// As systemctl(1) edit chooses them: the first that is there.
std::vector<std::vector<std::string>> editors()
{
    for (const auto *const name : {"SUDO_EDITOR", "VISUAL", "EDITOR"})
        if (const char *const value = std::getenv(name); value != nullptr && !words_of(value).empty())
            return {words_of(value)};
    return {{"editor"}, {"nano"}, {"vi"}};
}

/// Throws Failure where it does not end well: what it left may be half of a text.
void open_editor(const std::string &file)
{
    std::string absent;
    for (auto words : editors()) {
        absent += (absent.empty() ? "" : ", ") + printable(words.front());
        words.push_back(file);
        pid_t editor = 0;
        try {
            editor = start_program(words);
        } catch (const std::system_error &) {
            continue;
        }
        if (const auto status = end_of_program(editor); status != 0)
            throw Failure{std::format("the editor {} exited with {}", printable(words.front()), status)};
        return;
    }
    throw Failure{std::format("there is no editor ({}): set EDITOR to the one that you use", absent)};
}

/// What was typed in the editor was not for us: a pending Ctrl-C is dropped.
void forget_interrupts()
{
    std::signal(SIGINT, SIG_IGN);
    std::signal(SIGINT, SIG_DFL);
}

enum class Wish { edit_again, drop, nothing_said };

Wish what_now(const StopSignals &stop)
{
    if (!somebody_is_there())
        return Wish::nothing_said;
    const auto consent = ask_for_consent("Edit it again? (Enter: yes; n: no, and nothing is changed): ", Consent::given, stop);
    if (!consent)
        return Wish::nothing_said;
    return consent == Consent::refused ? Wish::drop : Wish::edit_again;
}

void keep(Draft &draft)
{
    std::cerr << std::format("igotchuu: {} stays as it was; what was written is kept in {}\n", printable(draft.place()),
                             draft.path());
    draft.keep();
}

/// Lets it be edited until there is no fault in it; false: it is not to land.
bool edited(Draft &draft, const SearchPath &path, const StopSignals &stop)
{
    for (;;) {
        open_editor(draft.path());
        forget_interrupts();
        const auto faults = draft.is_changed() ? draft.faults(path) : std::vector<Diagnostic>{};
        if (faults.empty())
            return true;
        for (const auto &fault : faults)
            std::cerr << to_string(fault) << '\n';
        switch (what_now(stop)) {
        case Wish::edit_again:
            continue;
        case Wish::drop:
            std::cerr << std::format("igotchuu: {} stays as it was\n", printable(draft.place()));
            return false;
        case Wish::nothing_said:
            keep(draft);
            return false;
        }
    }
}

} // namespace

int edit_job(const std::string &word)
{
    const StopSignals stop;
    const auto path = SearchPath::standard();
    const auto job = job_called(path, word);
    if (job.file.empty())
        throw Failure{std::format("job {} has no file; igotchuu new makes one", printable(job.name))};
    Draft draft{job};
    try {
        if (!edited(draft, path, stop))
            return static_cast<int>(stop.came() ? ExitStatus::stopped : ExitStatus::bad_configuration);
        if (!draft.is_changed()) {
            std::cout << "nothing was changed\n";
            return static_cast<int>(ExitStatus::success);
        }
        draft.land();
    } catch (const std::exception &) { // an editor that died, a disk that is full, a line that was cut: nobody types it all twice
        if (!draft.path().empty() && draft.is_changed())
            keep(draft);
        throw;
    }
    return reload(Orphans::are_left);
}

} // namespace igotchuu
