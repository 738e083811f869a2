// SPDX-License-Identifier: MIT
#include "cli/complete.hpp"

#include "cli/job-names.hpp"
#include "job/diagnostic.hpp"
#include "job/unit-name.hpp"

#include <algorithm>
#include <array>
#include <format>
#include <set>

namespace igotchuu
{

namespace
{

struct Candidate {
    std::string word, what;
};

/// The verb that is typed, and how many of its own words stand after it.
struct Place {
    const CLI::App *verb;
    std::size_t words = 0;
};

std::vector<const CLI::App *> verbs_of(const CLI::App &app)
{
    return app.get_subcommands([](const CLI::App *) { return true; });
}

Place place_of(const CLI::App &app, std::span<const std::string> words)
{
    Place place{&app};
    for (const auto &word : words) {
        const auto verbs = verbs_of(*place.verb);
        const auto found = std::ranges::find(verbs, word, [](const CLI::App *verb) { return verb->get_name(); });
        if (found != verbs.end())
            place = {*found};
        else if (!word.starts_with('-'))
            ++place.words;
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

/// By what --help calls that word.
std::vector<Candidate> words_called(const std::string &what)
{
    if (what == "JOB")
        return jobs();
    if (what == "NAME")
        return repositories();
    if (what == "KIND")
        return {{"job", "jobs/NAME.toml"}, {"repository", "repositories/NAME.toml"}, {"notify", "notify.toml"}};
    if (what == "PATH" || what == "FILE")
        return {{"/", "files"}};
    return {};
}

/// The option that `word` is, and that what comes next is the value of; nullptr: there is none.
const CLI::Option *option_before(const CLI::App &verb, std::string_view word)
{
    for (const auto *const option : verb.get_options())
        for (const auto &name : option->get_lnames())
            if (word == "--" + name && option->get_items_expected_min() > 0)
                return option;
    return nullptr;
}

std::vector<Candidate> positional(const Place &place)
{
    const auto known = place.verb->get_options([](const CLI::Option *option) { return option->get_positional(); });
    if (known.empty() || (place.words >= known.size() && known.back()->get_items_expected_max() <= 1))
        return {};
    if (place.verb->get_name() == "new" && place.words == 0)
        return {}; // a name that is not there yet
    return words_called(known[std::min(place.words, known.size() - 1)]->get_name(true));
}

std::vector<Candidate> all_at(const Place &place, std::string_view begun)
{
    if (begun.starts_with('-'))
        return options(*place.verb);
    const auto verbs = verbs_of(*place.verb);
    if (verbs.empty())
        return positional(place);
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
    const auto before = words.empty() ? words : words.first(words.size() - 1);
    const auto place = place_of(app, before);
    const auto *const option = before.empty() ? nullptr : option_before(*place.verb, before.back());
    std::vector<std::string> lines;
    for (const auto &[word, what] : option != nullptr ? words_called(option->get_type_name()) : all_at(place, begun))
        if (word == "/" || word.starts_with(begun))
            lines.push_back(std::format("{}\t{}", word, what));
    return lines;
}

} // namespace igotchuu
