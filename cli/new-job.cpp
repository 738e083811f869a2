// SPDX-License-Identifier: MIT
#include "cli/new-job.hpp"

#include "cli/calendar.hpp"
#include "cli/draft.hpp"
#include "cli/shell.hpp"
#include "cli/terminal.hpp"
#include "cli/toml-text.hpp"
#include "job/amount.hpp"
#include "job/diagnostic.hpp"
#include "job/exit-status.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <format>
#include <iostream>
#include <optional>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace igotchuu
{

namespace
{

namespace fs = std::filesystem;

struct Size {
    std::uint64_t files = 0, bytes = 0;
    bool whole = true; ///< else there is more
};

/// Of what lies in `source`, as far as it is counted until `end`; other kinds of file systems below it are not.
Size size_of(const std::string &source, std::chrono::steady_clock::time_point end)
{
    Size size;
    struct statfs of_source{};
    struct stat last{};
    if (statfs(source.c_str(), &of_source) < 0 || lstat(source.c_str(), &last) < 0)
        return size;
    std::error_code error;
    for (fs::recursive_directory_iterator at{source, fs::directory_options::skip_permission_denied, error}, none; at != none;
         at.increment(error)) {
        if (std::chrono::steady_clock::now() > end)
            return {size.files, size.bytes, false};
        struct stat status{};
        if (lstat(at->path().c_str(), &status) < 0)
            continue;
        struct statfs here{};
        if (S_ISDIR(status.st_mode) && status.st_dev != last.st_dev && statfs(at->path().c_str(), &here) == 0 &&
            here.f_type != of_source.f_type)
            at.disable_recursion_pending();
        size.files += S_ISREG(status.st_mode) ? 1 : 0;
        size.bytes += S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
    }
    return size;
}

void show_sizes(const std::vector<std::string> &sources)
{
    constexpr std::chrono::seconds patience{3};
    const auto end = std::chrono::steady_clock::now() + patience;
    for (const auto &source : sources) {
        const auto size = size_of(source, end);
        std::cout << std::format("{}: {}{} in {}\n", printable(source), size.whole ? "" : "more than ", bytes_text(size.bytes),
                                 counted(size.files, "file", "files"));
    }
    std::cout << std::flush;
}

/// Absolute and without a slash at the end, as a job's file wants it; what is no directory is refused.
std::string source_of(const std::string &word)
{
    auto path = fs::absolute(word).lexically_normal();
    if (!path.has_filename() && path.has_relative_path())
        path = path.parent_path();
    if (!fs::is_directory(path))
        throw UsageError{std::format("{} is no directory", printable(word))};
    return path.native();
}

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

} // namespace

std::string job_text(const NewRequest &request)
{
    const auto first = request.sources.front();
    std::string text = std::format("# A job of igotchuu. igotchuu.job(5) has all keys; after a change: igotchuu reload\n"
                                   "sources = {}\n\n"
                                   "# What is left out, as restic's patterns.\n",
                                   toml_list(request.sources));
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
    show_sizes(request.sources);
    const StopSignals stop;
    const Questions questions{stop};
    if (!questions.ask_for(request))
        return static_cast<int>(ExitStatus::stopped);
    Draft draft{job, job_text(request)};
    if (const auto faults = draft.faults(path); !faults.empty())
        throw ConfigError{faults};
    draft.land();
    std::cout << draft.place() << '\n' << std::flush;
    if (const auto status = reload(); status != static_cast<int>(ExitStatus::success))
        return status;
    const bool runs = request.run || (somebody_is_there() && questions.wants_first_run());
    if (stop.came()) // at the question, or while it was reloaded
        return static_cast<int>(ExitStatus::stopped);
    if (runs)
        return run_job(job.name);
    std::cout << std::format("to run it now: igotchuu run {}\n", shell_word(job.name));
    return static_cast<int>(ExitStatus::success);
}

} // namespace igotchuu
