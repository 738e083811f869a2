// SPDX-License-Identifier: MIT
#include "cli/files/calendar.hpp"
#include "cli/files/draft.hpp"
#include "cli/files/new-sources.hpp"
#include "cli/shell.hpp"
#include "cli/systemd.hpp"
#include "cli/terminal.hpp"
#include "cli/toml-text.hpp"
#include "cli/verbs.hpp"
#include "job/diagnostic.hpp"
#include "job/exit-status.hpp"
#include "job/job.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <format>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

namespace igotchuu
{

namespace
{

std::vector<std::string> words_of(const std::string &text)
{
    std::vector<std::string> words(1);
    for (const auto character : text) {
        if (character != ' ' && character != ',')
            words.back() += character;
        else if (!words.back().empty())
            words.emplace_back();
    }
    if (words.back().empty())
        words.pop_back();
    return words;
}

std::string why_not_frozen(const std::vector<Unfrozen> &unfrozen)
{
    std::string all;
    for (const auto &[source, type] : unfrozen)
        all += std::format("{}{} (on {})", all.empty() ? "" : ", ", printable(source), type);
    return std::format("igotchuu by itself can take no snapshot of {}", all);
}

/// What is asked when it was not said. Nothing: a stop came.
class Questions
{
public:
    explicit Questions(const StopSignals &stop) : stop_{stop} {}

    [[nodiscard]] bool ask_for(NewRequest &request) const
    {
        if (!somebody_is_there())
            return true;
        return (!request.calendar.empty() || ask_for_calendar(request.calendar)) &&
               (!request.repositories.empty() || ask_for_repositories(request.repositories));
    }
    /// Of what no snapshot can be taken, only a person says that it shall be backed up all the same. False: a stop came.
    [[nodiscard]] bool settle_freezing(NewRequest &request) const
    {
        const auto unfrozen = request.snapshot.empty() ? unfrozen_of(request.sources) : std::vector<Unfrozen>{};
        if (unfrozen.empty())
            return true;
        const auto why = why_not_frozen(unfrozen);
        constexpr std::string_view other_ways = "--snapshot METHOD: man igotchuu.job has all at the key \"snapshot\"";
        if (!somebody_is_there())
            throw UsageError{std::format("{}; to back that up as it is, while it changes: --snapshot none; for other ways: {}", why,
                                         other_ways)};
        std::cout << why << ": what changes while it is backed up may be broken in the backup.\n";
        const auto consent = ask_for_consent("Back it up as it is all the same? (y: yes; Enter: no): ", Consent::refused, stop_);
        if (consent == Consent::refused)
            throw UsageError{std::format("nothing was written; for other ways: {}", other_ways)};
        if (unfrozen.size() == request.sources.size())
            request.snapshot = name_of(SnapshotMethod::none);
        else
            std::ranges::transform(unfrozen, std::back_inserter(request.live), &Unfrozen::source);
        return consent.has_value();
    }
    [[nodiscard]] bool wants_first_run() const
    {
        return ask_for_consent("Run it now? (Enter: yes; n: no): ", Consent::given, stop_) == Consent::given;
    }

private:
    [[nodiscard]] bool ask_for_calendar(std::string &calendar) const
    {
        while (const auto answer = ask("When shall it run, as systemd.time(7) has it? (Enter: daily): ", Echo::on, stop_)) {
            calendar = *answer;
            if (calendar.empty() || is_calendar(calendar))
                return true;
            std::cout << why_no_calendar(calendar) << '\n';
        }
        return false;
    }
    [[nodiscard]] bool ask_for_repositories(std::vector<std::string> &names) const
    {
        const auto known = known_repositories();
        std::string all;
        for (const auto &name : known)
            all += (all.empty() ? "" : ", ") + printable(name);
        while (const auto answer = ask(std::format("Where to, of {}? (Enter: default): ", all), Echo::on, stop_)) {
            names = words_of(*answer);
            const auto wrong =
                std::ranges::find_if_not(names, [&](const auto &name) { return std::ranges::contains(known, name); });
            if (wrong == names.end())
                return true;
            std::cout << std::format("there is no repository \"{}\": igotchuu.repository(5) says how one is made\n",
                                     printable(*wrong, 100));
        }
        return false;
    }
    static std::vector<std::string> known_repositories()
    {
        std::vector<std::string> names{"default"};
        for (auto &file : find_files(SearchPath::standard(), "repositories"))
            if (file.name != "default")
                names.push_back(std::move(file.name));
        return names;
    }

    const StopSignals &stop_;
};

JobName name_of(const std::string &word)
try {
    if (word.starts_with('.'))
        throw UsageError{"a job's name does not begin with a dot: a file of such a name is hidden"};
    return {word, instance_of(word), {}};
} catch (const std::invalid_argument &error) {
    throw UsageError{error.what()};
}

/// Its comments are for whoever opens it.
std::string job_text(const NewRequest &request)
{
    const auto first = request.sources.front();
    std::string text = std::format("# A job of igotchuu. igotchuu.job(5) has all keys; after a change: igotchuu reload\n"
                                   "sources = {}\n\n",
                                   toml_list(request.sources));
    if (!request.snapshot.empty())
        text += std::format("# How they are frozen.\nsnapshot = {}\n\n", toml_text(request.snapshot));
    if (!request.live.empty())
        text += std::format("# What has no snapshot, and is backed up while it changes.\nlive = {}\n\n", toml_list(request.live));
    text += "# What is left out, as restic's patterns.\n";
    text += request.exclude.empty() ? std::format("#exclude = {}\n", toml_list({(first == "/" ? "" : first) + "/*/.cache"}))
                                    : std::format("exclude = {}\n", toml_list(request.exclude));
    text += std::format("exclude-caches = true\n\n"
                        "# Where to: names of files in /etc/igotchuu/repositories.\n"
                        "repositories = {}\n\n"
                        "# Which backups stay; without these lines all do.\n"
                        "#keep = {{ daily = 7, weekly = 5, monthly = 12 }}\n\n"
                        "# When: the keys of systemd.timer(5). Other keys stand above it.\n"
                        "[timer]\n"
                        "OnCalendar = {}\n",
                        toml_list(request.repositories.empty() ? std::vector<std::string>{"default"} : request.repositories),
                        toml_text(request.calendar.empty() ? "daily" : request.calendar));
    return text;
}

/// Whether systemd has its timer.
bool is_taken_on(const JobName &job)
{
    return std::ranges::contains(Systemd{}.units({timer_of(job.instance)}), "loaded", &Systemd::Unit::load_state);
}

} // namespace

int new_job(const NewRequest &asked_for)
{
    auto request = asked_for;
    const auto path = SearchPath::standard();
    const auto job = name_of(request.job);
    if (std::ranges::contains(jobs_with_files(path), job.instance, &JobName::instance))
        throw UsageError{
            std::format("there is a job {} already: igotchuu edit {}", printable(job.name), shell_word(printable(job.name)))};
    Draft::refuse_who_may_not_write();
    std::ranges::transform(request.sources, request.sources.begin(), source_of);
    show_sizes(request.sources, request.exclude);
    const StopSignals stop;
    const Questions questions{stop};
    if (!questions.settle_freezing(request) || !questions.ask_for(request))
        return static_cast<int>(ExitStatus::stopped);
    Draft draft{job, job_text(request)};
    if (const auto faults = draft.faults(path); !faults.empty())
        throw ConfigError{faults};
    draft.land();
    std::cout << draft.place() << '\n' << std::flush;
    const auto reloaded = reload(Orphans::are_left);
    if (reloaded != static_cast<int>(ExitStatus::success) && !is_taken_on(job)) // else the fault is of another file
        return reloaded;
    const bool runs = request.run || (somebody_is_there() && questions.wants_first_run());
    if (stop.came()) // at the question, or while it was reloaded
        return static_cast<int>(ExitStatus::stopped);
    if (runs)
        return run_job(job.name);
    std::cout << std::format("to run it now: igotchuu run {}\n", shell_word(job.name));
    return reloaded;
}

} // namespace igotchuu
