// SPDX-License-Identifier: MIT
#include "job/repository.hpp"

#include "job/normal-path.hpp"

#include <algorithm>
#include <format>

namespace igotchuu
{

namespace
{

const Text *text_of(const Values &values, std::string_view key)
{
    const auto place = values.find(key);
    return place == values.end() || place->second.texts.empty() ? nullptr : &place->second.texts.front();
}

/// restic's notation: a path, or SCHEME:…; a relative path would mean another directory for whoever runs restic by hand.
std::expected<std::string, std::string> location(std::string_view text)
{
    constexpr std::string_view local = "local:";
    const bool has_prefix = text.starts_with(local);
    const auto path = text.substr(has_prefix ? local.size() : 0);
    if (!has_prefix && !text.starts_with('/')) {
        const auto colon = text.find(':');
        if (colon == std::string_view::npos || colon == 0 || text.substr(0, colon).contains('/'))
            return std::unexpected{std::format("\"{}\" is neither an absolute path nor restic's SCHEME:PLACE", text)};
        return std::string{text};
    }
    return normal_path(path).transform([&](const std::string &normal) { return (has_prefix ? std::string{local} : "") + normal; });
}

/// As systemd's credential_name_valid(), without what is a pattern to ImportCredential=.
bool is_credential_name(std::string_view text)
{
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    };
    return !text.empty() && text.size() <= 255 && text != "." && text != ".." && std::ranges::all_of(text, fits);
}

} // namespace

Repository embedded_repository()
{
    return {.name = "default",
            .file = {},
            .location = "/var/lib/igotchuu/repository",
            .password_file = "/var/lib/igotchuu/repository.key",
            .password_credential = {}};
}

Repository make_repository(std::string name, const std::string &file, const Values &values, std::vector<Diagnostic> &faults)
{
    Repository repository{.name = std::move(name), .file = file, .location = {}, .password_file = {}, .password_credential = {}};
    if (!values.contains("location"))
        faults.push_back({file, 0, 0, "the key \"location\" is missing: where is the repository?"});
    if (const auto *const text = text_of(values, "location")) {
        if (auto sound = location(text->text))
            repository.location = *std::move(sound);
        else
            faults.push_back(text->place.says(std::format("location: {}", sound.error())));
    }
    if (const auto *const text = text_of(values, "password-file"))
        repository.password_file = text->text;
    if (const auto *const text = text_of(values, "password-credential")) {
        repository.password_credential = text->text;
        if (!is_credential_name(text->text))
            faults.push_back(text->place.says(std::format(
                "password-credential: \"{}\" is no credential's name (letters, digits, \".\", \"_\" and \"-\")", text->text)));
    }

    const auto password_file = values.find("password-file"), credential = values.find("password-credential");
    if (password_file == values.end() && credential == values.end())
        faults.push_back({file, 0, 0, "needs one of the keys \"password-file\" and \"password-credential\""});
    if (password_file != values.end() && credential != values.end()) {
        const auto &other = password_file->second.place;
        faults.push_back(credential->second.place.says(
            std::format("password-credential: there is a password-file, too ({}:{}); only one of them can be the password",
                        other.file, other.line)));
    }
    return repository;
}

} // namespace igotchuu
