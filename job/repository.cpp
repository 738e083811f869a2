// SPDX-License-Identifier: MIT
#include "job/repository.hpp"

#include "job/normal-path.hpp"
#include "job/rclone-remote.hpp"

#include <algorithm>
#include <charconv>
#include <format>
#include <initializer_list>
#include <iterator>

namespace igotchuu
{

namespace
{

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

/// "5%", for restic a part of a hundred at most: 0 where it is not that.
std::uint32_t percent(std::string_view text)
{
    if (!text.ends_with('%'))
        return 0;
    text.remove_suffix(1);
    std::uint32_t number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && rest == text.data() + text.size() && number <= 100 ? number : 0;
}

/// As restic's ParseBytes: a number, and a letter for its unit.
bool is_size(std::string_view text)
{
    if (!text.empty() && std::string_view{"kKmMgGtT"}.contains(text.back()))
        text.remove_suffix(1);
    return !text.empty() && text.size() <= 15 && text.find_first_not_of("0123456789") == text.npos;
}

/// Reads the values of one repository file, and says what does not fit together.
class Maker
{
public:
    Maker(std::string name, const std::string &file, const Values &values, std::vector<Diagnostic> &faults)
        : file_{file}, values_{values}, faults_{faults}
    {
        made_.name = std::move(name);
        made_.file = file;
    }

    Repository make()
    {
        where();
        made_.password = {.file = text("password-file"), .credential = credential("password-credential"), .command = command()};
        made_.password_user = text("password-command-user");
        one_of({"password-file", "password-credential", "password-command"});
        made_.load_credentials = loaded("load-credential");
        made_.load_encrypted_credentials = loaded("load-credential-encrypted");
        made_.ssh_identity = {.file = text("ssh.identity"), .credential = credential("ssh.identity-credential"), .command = {}};
        at_most_one("ssh.identity", "ssh.identity-credential");
        made_.ssh_known_hosts = {
            .file = text("ssh.known-hosts"), .credential = credential("ssh.known-hosts-credential"), .command = {}};
        at_most_one("ssh.known-hosts", "ssh.known-hosts-credential");
        variables();
        made_.limit_upload = number("limit-upload");
        made_.limit_download = number("limit-download");
        made_.pack_size = number("pack-size");
        made_.compression = text("compression");
        made_.options = texts("options");
        made_.restic_args = texts("restic-args");
        if (const auto timeout = number("answer-timeout"); timeout > 0)
            made_.answer_timeout = std::chrono::seconds{timeout};
        maintenance();
        return std::move(made_);
    }

private:
    [[nodiscard]] const Value *value(std::string_view key) const
    {
        const auto found = values_.find(key);
        return found == values_.end() ? nullptr : &found->second;
    }
    void fault(const Place &place, std::string message)
    {
        faults_.push_back((place.file.empty() ? Place{file_} : place).says(std::move(message)));
    }

    [[nodiscard]] std::vector<std::string> texts(std::string_view key) const
    {
        std::vector<std::string> all;
        if (const auto *const found = value(key))
            std::ranges::transform(found->texts, std::back_inserter(all), &Text::text);
        return all;
    }
    [[nodiscard]] std::string text(std::string_view key) const
    {
        const auto *const found = value(key);
        return found && !found->texts.empty() ? found->texts.front().text : std::string{};
    }
    [[nodiscard]] std::uint32_t number(std::string_view key) const
    {
        const auto *const found = value(key);
        return found ? static_cast<std::uint32_t>(found->number) : 0;
    }

    std::string credential(std::string_view key)
    {
        auto id = text(key);
        if (const auto *const found = value(key); found && !found->texts.empty() && !is_credential_name(id))
            fault(found->place, std::format("{}: \"{}\" {}", key, id, no_credential));
        return id;
    }

    void where()
    {
        made_.location_from.credential = credential("location-credential");
        one_of({"location", "location-credential"});
        const auto *const key = value("location");
        if (key == nullptr || key->texts.empty())
            return;
        if (const auto secret = secret_parameter(text("location")); !secret.empty())
            fault(key->place, std::format("location: everybody could read the parameter \"{}\" among the arguments of rclone: "
                                          "define that remote in the file that RCLONE_CONFIG names (the table [environment])",
                                          secret));
        else if (auto sound = location(text("location")))
            made_.location = *std::move(sound);
        else
            fault(key->place, std::format("location: {}", sound.error()));
    }

    std::vector<std::string> command()
    {
        auto words = texts("password-command");
        const auto *const key = value("password-command");
        if (key != nullptr && (words.empty() ? key->place.line > 0 : normal_path(words.front()) != words.front()))
            fault(key->place, "password-command: needs the absolute path of a program, and its arguments");
        return words;
    }

    /// systemd's ID:PATH.
    std::vector<std::string> loaded(std::string_view key)
    {
        std::vector<std::string> lines;
        const auto *const found = value(key);
        if (found == nullptr)
            return lines;
        for (const auto &[line, place] : found->texts) {
            const auto colon = line.find(':');
            if (colon == std::string::npos || !is_credential_name(line.substr(0, colon)) ||
                normal_path(line.substr(colon + 1)) != line.substr(colon + 1))
                fault(place, std::format("{}: \"{}\" is not NAME:PATH, a credential's name and an absolute path", key, line));
            else
                lines.push_back(line);
        }
        return lines;
    }

    void variables()
    {
        const auto *const key = value("environment");
        if (key == nullptr)
            return;
        for (const auto &[name, values] : key->settings) {
            const auto &form = values.front(), &where = values.back();
            const Variable variable{.name = name,
                                    .form =
                                        static_cast<VariableForm>(std::ranges::find(variable_forms, form) - variable_forms.begin()),
                                    .where = where};
            const auto of = std::format("environment.{}.{}", name, form);
            if (is_ours(name))
                fault(key->place, std::format("environment: igotchuu sets {} itself", name));
            else if (variable.is_credential() && !is_credential_name(where))
                fault(key->place, std::format("{}: \"{}\" {}", of, where, no_credential));
            else if (const auto path = normal_path(where); !variable.is_credential() && path != where)
                fault(key->place, std::format("{}: {}", of, path ? "the path may not end with a slash" : path.error()));
            else
                made_.environment.push_back(variable);
        }
    }

    void maintenance()
    {
        made_.maintained = number("maintenance") != 0;
        auto &made = made_.maintenance;
        made.timer = settings_of(values_, "maintenance");
        const auto subset = percent(text("maintenance.check-subset"));
        if (subset == 0)
            unfit("maintenance.check-subset", "is no share of all data, from \"1%\" to \"100%\"");
        else
            made.check_parts = (100 + subset - 1) / subset;
        made.max_unused = text("maintenance.max-unused");
        if (!made.max_unused.empty() && made.max_unused != "unlimited" && made.max_unused != "0%" &&
            percent(made.max_unused) == 0 && !is_size(made.max_unused))
            unfit("maintenance.max-unused", "is neither a size like \"10G\", nor a share like \"5%\", nor \"unlimited\"");
        made.max_repack_size = text("maintenance.max-repack-size");
        if (!made.max_repack_size.empty() && !is_size(made.max_repack_size))
            unfit("maintenance.max-repack-size", "is no size like \"10G\"");
    }
    void unfit(std::string_view key, std::string_view why)
    {
        if (const auto *const found = value(key); found && !found->texts.empty()) // else its fault is known
            fault(found->texts.front().place, std::format("{}: \"{}\" {}", key, text(key), why));
    }

    /// Who could set these would decide who restic is. But the user of a REST server, and that user's password, are told in no other way than here and in
    /// the address.
    static bool is_ours(std::string_view name)
    {
        return (name.starts_with("RESTIC_") && !name.starts_with("RESTIC_REST_")) || name.starts_with("LD_") || name == "PATH" ||
               name == "HOME";
    }

    void one_of(std::initializer_list<std::string_view> keys)
    {
        std::string all;
        const Value *first = nullptr;
        for (const auto key : keys) {
            all += std::format("{}\"{}\"", all.empty() ? "" : key == *(keys.end() - 1) ? " and " : ", ", key);
            const auto *const found = value(key);
            if (found && first)
                fault(found->place, std::format("{}: there is another of {} ({}:{}); only one of them can be meant", key, all,
                                                first->place.file, first->place.line));
            if (found)
                first = found;
        }
        if (first == nullptr)
            faults_.push_back({file_, 0, 0, std::format("needs one of the keys {}", all)});
    }
    void at_most_one(std::string_view one, std::string_view other)
    {
        if (value(one) && value(other))
            fault(value(other)->place, std::format("{}: there is the key {}, too; only one of them can be meant", other, one));
    }

    static constexpr std::string_view no_credential = "is no credential's name (letters, digits, \".\", \"_\" and \"-\")";

    const std::string &file_;
    const Values &values_;
    std::vector<Diagnostic> &faults_;
    Repository made_;
};

} // namespace

bool is_credential_name(std::string_view text)
{
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    };
    return !text.empty() && text.size() <= 255 && text != "." && text != ".." && std::ranges::all_of(text, fits);
}

Repository embedded_repository()
{
    Repository repository;
    repository.name = "default";
    repository.location = "/var/lib/igotchuu/repository";
    repository.password.file = "/var/lib/igotchuu/repository.key";
    repository.maintenance.check_parts = 20;
    return repository;
}

Repository make_repository(std::string name, const std::string &file, const Values &values, std::vector<Diagnostic> &faults)
{
    return Maker{std::move(name), file, values, faults}.make();
}

} // namespace igotchuu
