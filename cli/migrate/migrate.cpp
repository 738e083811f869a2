// SPDX-License-Identifier: MIT
#include "cli/job-names.hpp"
#include "cli/migrate/migration.hpp"
#include "cli/migrate/plan.hpp"
#include "cli/shell.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/exit-status.hpp"
#include "job/read-file.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <format>
#include <iostream>
#include <ranges>
#include <unistd.h>

namespace igotchuu
{

namespace
{

using namespace migrate;

constexpr std::string_view first_ones_file = "/etc/igotchuu.toml";

/// How the file of a program is read, and what is to be switched off when its jobs are ours.
struct Program {
    std::string_view name;
    void (*read)(const Input &, Migration &);
    std::string_view switch_off;
};
constexpr Program programs[] = {
    {"", from_igotchuu, "systemctl disable --now igotchuu.timer, or whatever runs the first igotchuu"},
    {"resticprofile", from_resticprofile, "resticprofile unschedule --all"},
    {"borgmatic", from_borgmatic, "systemctl disable --now borgmatic.timer, when the first backups are made"},
    {"systemd-restic", from_systemd_restic, "systemctl disable --now, of the timer that starts that unit"},
};

/// A pipe is as good as a file: what is to be migrated may come from a program.
std::string text_of(const std::string &file)
{
    const Fd fd{open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)};
    if (!fd)
        fail(errno, "cannot read {}", printable(file));
    std::string text(configuration_file_max + 1, '\0');
    std::size_t filled = 0;
    for (ssize_t size = 1; size != 0 && filled < text.size(); filled += static_cast<std::size_t>(size))
        if (size = read(fd.get(), text.data() + filled, text.size() - filled); size < 0)
            fail(errno, "cannot read {}", printable(file));
    if (filled > configuration_file_max)
        throw Failure{std::format("cannot read {}: it has more than {} bytes", printable(file), configuration_file_max)};
    text.resize(filled);
    return text;
}

void show_text(const std::string &text)
{
    for (const auto part : std::views::split(text, '\n'))
        if (const std::string_view line{part}; !line.empty() || part.end() != text.end())
            std::cout << (line.empty() ? "" : "    ") << printable(line) << '\n';
}

void show(const Plan &plan)
{
    for (const auto &file : plan) {
        if (!file.secret.empty())
            std::cout << std::format("{}, for root alone: {}; it is not shown\n\n", printable(file.place), printable(file.secret));
        else {
            std::cout << std::format("{}:\n", printable(file.place));
            show_text(file.text);
            std::cout << '\n';
        }
    }
}

/// What several profiles share is said once.
std::vector<Diagnostic> once(const std::vector<Diagnostic> &faults)
{
    std::vector<Diagnostic> all;
    std::ranges::copy_if(faults, std::back_inserter(all),
                         [&](const Diagnostic &fault) { return !std::ranges::contains(all, fault); });
    return all;
}

void show_notes(const std::vector<Diagnostic> &notes)
{
    for (const auto &note : once(notes))
        std::cout << to_string(note) << '\n';
    std::cout << std::flush;
}

void show_what_is_next(const Migration &migration, const Program &program)
{
    std::string runs;
    for (const auto &found : migration.found)
        runs += std::format("    igotchuu run {}\n", shell_word(printable(found.job.name)));
    std::cout << std::format(
        "Now read the files, and then:\n    igotchuu validate\n    igotchuu reload\n{}Not both are to run: {}\n", runs,
        program.switch_off);
}

enum class Answer : std::uint8_t { write, nothing, stop };

Answer answer_to(const MigrateRequest &request, const StopSignals &stop)
{
    if (request.write)
        return Answer::write;
    if (!somebody_is_there())
        return Answer::nothing;
    const auto consent = ask_for_consent("Write these files? (y: yes; Enter: no): ", Consent::refused, stop);
    if (!consent)
        return Answer::stop;
    return consent == Consent::given ? Answer::write : Answer::nothing;
}

/// All of it, without a fault.
Plan sound_plan(Migration &migration, const std::string &file)
{
    auto plan = migration.findings.faults.empty() ? plan_of(migration, file) : Plan{};
    if (migration.findings.faults.empty())
        check(plan, SearchPath::standard(), migration.findings);
    if (migration.findings.faults.empty())
        return plan;
    show_notes(migration.findings.warnings);
    throw ConfigError{once(migration.findings.faults)};
}

} // namespace

int migrate_jobs(const MigrateRequest &request)
{
    if (request.file.empty() && !request.from.empty())
        throw UsageError{
            std::format("which file of {} is to be migrated? igotchuu migrate --from {} FILE", request.from, request.from)};
    if (geteuid() != 0)
        throw Failure{"this reads and writes what only root may: run it as root (sudo igotchuu …)"};
    const auto file = request.file.empty() ? std::string{first_ones_file} : request.file;
    const Input input{file, text_of(file)};
    const StopSignals stop; // held back from here on: all files are written, or none
    const auto &program = *std::ranges::find(programs, request.from, &Program::name);
    Migration migration;
    program.read(input, migration);
    const auto plan = sound_plan(migration, file);
    show(plan);
    show_notes(migration.findings.warnings);
    switch (answer_to(request, stop)) {
    case Answer::stop:
        return static_cast<int>(ExitStatus::stopped);
    case Answer::nothing:
        std::cout << "Nothing is written; with --write it is.\n";
        break;
    case Answer::write:
        write(plan);
        std::cout << std::format("All of it is written, {} files.\n", plan.size());
        show_what_is_next(migration, program);
    }
    return static_cast<int>(ExitStatus::success);
}

} // namespace igotchuu
