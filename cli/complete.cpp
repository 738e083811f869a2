// SPDX-License-Identifier: MIT
#include "cli/complete.hpp"

#include "cli/job-names.hpp"
#include "job/amount.hpp"
#include "job/diagnostic.hpp"
#include "job/state-files.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <array>
#include <format>
#include <set>
#include <utility>

namespace igotchuu
{

namespace
{

struct Candidate {
    std::string word, what;
};

/// The verb that is typed, how many of its own words stand after it, and what the last word is the value of.
struct Place {
    const CLI::App *verb;
    std::size_t words = 0;
    std::string first{}; ///< of its words
    const CLI::Option *value_of = nullptr; ///< the value of this one comes next
};

std::vector<const CLI::App *> verbs_of(const CLI::App &app)
{
    return app.get_subcommands([](const CLI::App *) { return true; });
}

/// The option `word` of a verb, when its value is the next word.
const CLI::Option *option_before_value(const CLI::App &verb, const std::string &word)
{
    const auto *const option = word.starts_with("--") ? verb.get_option_no_throw(word) : nullptr;
    return option != nullptr && option->get_items_expected_max() > 0 ? option : nullptr;
}

Place place_of(const CLI::App &app, std::span<const std::string> words)
{
    Place place{&app};
    for (const auto &word : words) {
        if (std::exchange(place.value_of, nullptr) != nullptr)
            continue;
        const auto verbs = verbs_of(*place.verb);
        const auto found = std::ranges::find(verbs, word, [](const CLI::App *verb) { return verb->get_name(); });
        if (found != verbs.end())
            place = {*found};
        else if (word.starts_with('-'))
            place.value_of = option_before_value(*place.verb, word);
        else if (++place.words == 1)
            place.first = word;
    }
    return place;
}

std::vector<Candidate> options(const CLI::App &verb)
{
    std::vector<Candidate> all;
    for (const auto *const option : verb.get_options())
        for (const auto &name : option->get_lnames())
            all.push_back({"--" + name, option->get_description()});
    return all;
}

/// By the name that can be typed: what no terminal shows as it is has the unit's instance.
std::vector<Candidate> jobs()
{
    std::vector<Candidate> all;
    for (const auto &job : jobs_with_files(SearchPath::standard()))
        all.push_back({printable(job.name) == job.name ? job.name : job.instance, "job"});
    return all;
}

std::vector<Candidate> repositories()
{
    std::set<std::string> names{"default"};
    for (const auto &file : find_files(SearchPath::standard(), "repositories"))
        names.insert(file.name);
    std::vector<Candidate> all;
    for (const auto &name : names)
        if (printable(name) == name)
            all.push_back({name, "repository"});
    return all;
}

/// What the last runs of the job made, as far as the state tells.
std::vector<Candidate> snapshots_of(const std::string &job)
try {
    const auto record = read_record({}, job_called(SearchPath::standard(), job).instance);
    std::vector<Candidate> all;
    std::set<std::string> known;
    for (const auto &run : record ? record->history : std::vector<Run>{})
        for (const auto &result : run.repositories)
            if (const auto &id = result.summary.snapshot_id; !id.empty() && known.insert(id).second)
                all.push_back({id.substr(0, 8), std::format("{} in {}", time_text(instant_of(run)), printable(result.repository))});
    return all;
} catch (const UsageError &) { // no job is called so
    return {};
}

/// By what --help calls that word.
std::vector<Candidate> words_called(const std::string &what, const std::string &first)
{
    if (what == "JOB")
        return jobs();
    if (what == "ID")
        return snapshots_of(first);
    if (what == "SNAPSHOT") {
        auto all = snapshots_of(first);
        all.push_back({"/", "files"});
        return all;
    }
    if (what == "NAME")
        return repositories();
    if (what == "PROGRAM")
        return {{"resticprofile", "its profiles, TOML or JSON"},
                {"borgmatic", "its configuration, as JSON"},
                {"systemd-restic", "a unit that runs restic"}};
    if (what == "KIND")
        return {{"job", "jobs/NAME.toml"}, {"repository", "repositories/NAME.toml"}, {"notify", "notify.toml"}};
    if (what == "PATH" || what == "FILE")
        return {{"/", "files"}};
    if (what == "DIR")
        return {{"//", "directories"}};
    return {};
}

/// In the place of a job: a path, too, where a verb has another word after that, which may stand there alone.
std::vector<Candidate> jobs_or(const std::string &next, std::string_view begun)
{
    auto all = jobs();
    if (begun.starts_with('/') || begun.starts_with('.') || begun.starts_with('~'))
        all.push_back(next == "DIR" ? Candidate{"//", "directories"} : Candidate{"/", "files"});
    return all;
}

std::vector<Candidate> positional(const Place &place, std::string_view begun)
{
    const auto known = place.verb->get_options([](const CLI::Option *option) { return option->get_positional(); });
    if (known.empty() || (place.words >= known.size() && known.back()->get_items_expected_max() <= 1))
        return {};
    if (place.verb->get_name() == "new" && place.words == 0)
        return {}; // a name that is not there yet
    if (place.words == 0 && known.size() > 1 && known.front()->get_name(true) == "JOB")
        return jobs_or(known[1]->get_name(true), begun);
    return words_called(known[std::min(place.words, known.size() - 1)]->get_name(true), place.first);
}

std::vector<Candidate> all_at(const Place &place, std::string_view begun)
{
    if (place.value_of != nullptr)
        return words_called(place.value_of->get_type_name(), place.first);
    if (begun.starts_with('-'))
        return options(*place.verb);
    const auto verbs = verbs_of(*place.verb);
    if (verbs.empty())
        return positional(place, begun);
    std::vector<Candidate> all;
    for (const auto *const verb : verbs)
        if (place.words == 0) // else there is a word that is no verb
            all.push_back({verb->get_name(), verb->get_description()});
    return all;
}

} // namespace

std::vector<std::string> candidates(const CLI::App &app, std::span<const std::string> words)
{
    const auto begun = words.empty() ? std::string{} : words.back();
    const auto place = place_of(app, words.empty() ? words : words.first(words.size() - 1));
    std::vector<std::string> lines;
    for (const auto &[word, what] : all_at(place, begun))
        if (word == "/" || word == "//" || word.starts_with(begun))
            lines.push_back(std::format("{}\t{}", word, what));
    return lines;
}

} // namespace igotchuu
