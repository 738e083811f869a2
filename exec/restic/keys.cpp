// SPDX-License-Identifier: MIT
#include "exec/restic/keys.hpp"

#include "exec/restic/cause.hpp"
#include "exec/restic/verdict.hpp"
#include "job/host-name.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <format>

namespace igotchuu::restic
{

namespace
{

constexpr std::size_t output_max = std::size_t{1} * 1024 * 1024; ///< a thousand keys

bool is_id(std::string_view text)
{
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

/// A start, and what it printed.
struct Said {
    Ended ended;
    std::string output;
};

Said ask(const Starter &starter, const Access &access, Verb verb)
{
    std::string output;
    verb.output = [&](std::string_view bytes) { output += bytes.substr(0, output_max - output.size()); };
    verb.answers_within = access.repository().answer_timeout; // it prints no progress: its whole time
    auto ended = start(starter, access, verb);
    if (ended.silent)
        throw Failure{explain_silence(access.repository(), ended.words)};
    if (ended.was_stopped())
        throw Cancelled{};
    return {std::move(ended), std::move(output)};
}

std::string expect_success(const Access &access, Said said)
{
    const auto &end = said.ended.end;
    if (end.succeeded())
        return std::move(said.output);
    const auto why = explain(access.repository(), said.ended);
    if (end.signal == 0 && end.status == exit_code::wrong_password)
        throw WrongPassword{why};
    throw Failure{why};
}

/// Of a repository: in its config, and in what restic init says.
std::string id_in(const std::string &output, const Access &access)
{
    const auto object = nlohmann::json::parse(output, nullptr, false);
    const auto id = object.is_object() ? object.find("id") : object.end();
    if (id == object.end() || !id->is_string() || !is_id(id->get<std::string>()))
        throw Failure{std::format("restic does not say which id the repository {} has", shown_location(access.repository()))};
    return id->get<std::string>();
}

} // namespace

std::optional<std::string> repository_id(const Starter &starter, const Access &access)
{
    const auto has_no_bucket = [](const Words &words) { return is_no_bucket(words.cause()); };
    auto said = ask(starter, access, {.arguments = {"cat", "config", "--json", "--no-lock"}, .enough = has_no_bucket});
    starter.stop.check(); // it may have been asked to end for both
    if (has_no_bucket(said.ended.words))
        return {};
    if (said.ended.end.signal == 0 && said.ended.end.status == exit_code::no_repository)
        return {};
    return id_in(expect_success(access, std::move(said)), access);
}

std::string make_repository(const Starter &starter, const Access &access)
{
    return id_in(expect_success(access, ask(starter, access, {.arguments = {"init", "--json"}})), access);
}

std::vector<Key> keys(const Starter &starter, const Access &access)
{
    return parse_keys(expect_success(access, ask(starter, access, {.arguments = {"key", "list", "--json", "--no-lock"}})));
}

std::vector<Key> recovery_keys(std::vector<Key> keys)
{
    std::erase_if(keys, [](const Key &key) { return key.user != recovery_user; });
    std::ranges::sort(keys, {}, &Key::created);
    return keys;
}

std::string add_key(const Starter &starter, const Access &access, const Confidential &password, std::string_view user)
{
    const auto file = sealed(password.text());
    const auto output = expect_success(
        access, ask(starter, access,
                    {.arguments = {"key", "add", "--json", "--retry-lock=1m", std::format("--user={}", user),
                                   "--host=" + host_name(), std::format("--new-password-file=/proc/self/fd/{}", file.get())},
                     .inherited = {file.get()}}));
    constexpr std::string_view sign = "saved new key with ID "; // also with --json, in 0.18
    const auto at = output.find(sign);
    const auto id = at == output.npos ? std::string{} : output.substr(at + sign.size(), 64);
    if (!is_id(id))
        throw Failure{
            std::format("restic does not say which key it has added to {}; to see them: restic key list, to remove it: restic key "
                        "remove ID",
                        shown_location(access.repository()))};
    return id;
}

void remove_key(const Starter &starter, const Access &access, const std::string &id)
{
    expect_success(access, ask(starter, access, {.arguments = {"key", "remove", "--json", "--retry-lock=1m", id}}));
}

std::vector<Key> parse_keys(std::string_view text)
{
    std::vector<Key> all;
    const auto list = nlohmann::json::parse(text, nullptr, false);
    const auto unknown = [] { return Failure{"restic key list says something that igotchuu does not understand"}; };
    if (!list.is_array())
        throw unknown();
    for (const auto &one : list) {
        const auto word = [&](const char *key) {
            return one.is_object() && one.contains(key) && one[key].is_string() ? one[key].get<std::string>() : std::string{};
        };
        Key key{.id = word("id"), .user = word("userName"), .host = word("hostName"), .created = word("created")};
        if (!is_id(key.id) || !one.contains("current") || !one["current"].is_boolean())
            throw unknown();
        key.current = one["current"].get<bool>();
        all.push_back(std::move(key));
    }
    return all;
}

} // namespace igotchuu::restic
