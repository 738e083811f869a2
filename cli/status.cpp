// SPDX-License-Identifier: MIT
#include "cli/control.hpp"
#include "cli/kept.hpp"
#include "cli/lookout.hpp"
#include "cli/verbs.hpp"
#include "job/diagnostic.hpp"
#include "job/exit-status.hpp"

#include <algorithm>
#include <format>
#include <iostream>
#include <iterator>
#include <unistd.h>

namespace igotchuu
{

namespace
{

constexpr std::size_t name_max = 32;

std::vector<Standing> chosen(Lookout &lookout, const std::vector<std::string> &words)
{
    auto all = lookout.all();
    if (words.empty())
        return all;
    std::vector<Standing> some;
    for (const auto &word : words) {
        auto found = std::ranges::find_if(all, [&](const Standing &job) { return job.name == word || job.instance == word; });
        if (found != all.end()) {
            some.push_back(*found);
            continue;
        }
        const auto jobs = jobs_called({word}); // a path spells an instance
        found = std::ranges::find(all, jobs.front().instance, &Standing::instance);
        if (found != all.end()) {
            some.push_back(*found);
            continue;
        }
        auto job = lookout.of(jobs).front(); // it has never run
        job.schedule.state = Schedule::State::none;
        some.push_back(std::move(job));
    }
    return some;
}

std::vector<std::string> reasons(const std::vector<Judged> &jobs)
{
    std::vector<std::string> lines;
    for (const auto &[job, verdict] : jobs)
        if (!verdict.why.empty())
            lines.push_back(std::format("{}: {}", printable(job.name), verdict.why));
    return lines;
}

/// What is kept and proven is as it should be, so that it is shown of a job that somebody asks for, and of no other.
std::vector<std::string> details(const std::vector<Judged> &jobs)
{
    std::vector<std::string> lines;
    const auto now = Clock::now();
    for (const auto &[job, verdict] : jobs) {
        for (const auto &instant : job.kept)
            for (const auto &wanting : instant.repositories)
                lines.push_back(std::format("{}: {}", printable(job.name), why_kept(instant, wanting)));
        for (const auto &proof : proofs_of(job, now))
            lines.push_back(std::format("{}: {}", printable(job.name), proof));
    }
    return lines;
}

/// No more lines than there are: the best jobs are left out, and counted.
void fit(std::vector<std::string> &table, std::vector<std::string> &reasons, std::size_t lines_max, std::size_t columns)
{
    constexpr std::size_t others = 6; // summary, headings, two empty lines, what is left out, the prompt
    const auto rows_max = lines_max > others + 2 ? lines_max - others : 2;
    const auto rows = table.size() - 1;
    reasons.resize(std::min(reasons.size(), rows_max / 2));
    const auto room = rows_max - reasons.size();
    if (rows <= room)
        return;
    table.resize(1 + room);
    table.push_back(cut(std::format("… and {} more: igotchuu status", rows - room), columns));
}

void print(const std::vector<Judged> &jobs, const StatusRequest &request)
{
    const bool one_screen = request.one_screen;
    Screen screen{STDOUT_FILENO};
    auto table = table_of(jobs, Clock::now()).cut_lines(screen, name_max);
    auto why = reasons(jobs);
    if (!request.jobs.empty())
        std::ranges::move(details(jobs), std::back_inserter(why));
    const bool fits = one_screen && screen.is_terminal();
    if (fits)
        fit(table, why, screen.rows(), screen.columns());
    const auto shown = [&](const std::string &line) { return (fits ? cut(line, screen.columns()) : line) + '\n'; };
    std::string text = shown(summary(jobs)) + '\n';
    for (const auto &line : table)
        text += line + '\n';
    if (!why.empty())
        text += '\n';
    for (const auto &line : why)
        text += shown(line);
    std::cout << text << std::flush;
}

} // namespace

int show_status(const StatusRequest &request)
try {
    Lookout lookout;
    const auto jobs = worst_first(chosen(lookout, request.jobs), Clock::now());
    for (const auto &sentence : lookout.blind_spots())
        std::cerr << "igotchuu: " << sentence << '\n';
    if (request.json)
        std::cout << to_json(jobs) << '\n';
    else if (jobs.empty())
        std::cout << welcome();
    else
        print(jobs, request);
    return static_cast<int>(request.one_screen ? Severity::fine : worst_of(jobs));
} catch (const UsageError &) {
    throw;
} catch (const std::exception &error) { // for a monitoring, 1 would be a warning
    std::cerr << "igotchuu: " << printable(error.what()) << '\n';
    return request.one_screen ? static_cast<int>(ExitStatus::failed) : static_cast<int>(Severity::unknown);
}

} // namespace igotchuu
