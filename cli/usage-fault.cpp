// SPDX-License-Identifier: MIT
#include "cli/usage-fault.hpp"

#include "job/diagnostic.hpp"

#include <algorithm>
#include <format>
#include <ranges>
#include <string_view>

namespace igotchuu
{

namespace
{

std::string_view nearest_of(std::string_view word, const std::vector<std::string> &words)
{
    const std::vector<std::string_view> known{words.begin(), words.end()};
    return nearest(word, known);
}

std::string listed(const std::vector<std::string> &words)
{
    std::string text;
    for (std::size_t at = 0; at < words.size(); ++at)
        text += (at == 0 ? "" : at + 1 == words.size() ? " or " : ", ") + words[at];
    return text;
}

/// The verb that was typed, and how it is called.
std::pair<const CLI::App *, std::string> verb_in(const CLI::App &app)
{
    const auto *verb = &app;
    auto name = app.get_name();
    while (!verb->get_subcommands().empty()) {
        verb = verb->get_subcommands().front();
        name += ' ' + verb->get_name();
    }
    return {verb, name};
}

std::string no_such_option(const CLI::App &verb, const std::string &word)
{
    std::vector<std::string> known;
    for (const auto *const option : verb.get_options())
        for (const auto &name : option->get_lnames())
            known.push_back("--" + name);
    const auto near = nearest_of(word.substr(0, word.find('=')), known);
    return std::format("there is no option \"{}\"{}", printable(word, 100),
                       near.empty() ? "; what begins with a dash and is none comes after --"
                                    : std::format("; did you mean \"{}\"?", near));
}

std::string what_is_wrong(const CLI::App &app, const CLI::App &verb, const CLI::Error &error)
{
    auto left_over = app.remaining(true);
    std::erase(left_over, "--");
    const auto option = std::ranges::find_if(left_over, [](const std::string &word) { return word.starts_with('-'); });
    if (option != left_over.end())
        return no_such_option(verb, *option);
    if (!left_over.empty())
        return std::format("\"{}\" is a word too many", printable(left_over.front(), 100));
    std::vector<std::string> verbs;
    for (const auto *const below : verb.get_subcommands([](const CLI::App *) { return true; }))
        verbs.push_back(below->get_name());
    return verbs.empty() ? printable(error.what()) : std::format("what of it? {}", listed(verbs));
}

} // namespace

std::string fault_of(const CLI::App *app, const CLI::Error &error)
{
    const auto [verb, name] = verb_in(*app);
    return std::format("igotchuu: {} (see {} --help)\n", what_is_wrong(*app, *verb, error), name);
}

CLI::Validator one_of(std::vector<std::string> words)
{
    return {[words = std::move(words)](const std::string &word) {
                if (std::ranges::contains(words, word))
                    return std::string{};
                const auto near = nearest_of(word, words);
                return near.empty() ? std::format("there is no \"{}\", but {}", printable(word, 100), listed(words))
                                    : std::format("there is no \"{}\"; did you mean \"{}\"?", printable(word, 100), near);
            },
            ""};
}

} // namespace igotchuu
