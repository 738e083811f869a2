// SPDX-License-Identifier: MIT
#include "job/notify.hpp"

#include "job/configuration.hpp"
#include "job/normal-path.hpp"
#include "job/programs.hpp"
#include "job/repository.hpp"

#include <algorithm>
#include <format>

namespace igotchuu
{

namespace
{

/// "root", "alice@example.org": nothing that a header or sendmail would take for anything else than one address.
bool is_address(std::string_view text)
{
    return !text.empty() && !text.starts_with('-') && text.size() <= 254 && text.find_first_of(" \t,;:<>()[]\\\"") == text.npos &&
           std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; }); // others need SMTPUTF8, which few servers have
}

/// Reads the values of the file, and says what does not fit together.
class Maker
{
public:
    Maker(const std::string &file, const Values &values, std::vector<Diagnostic> &faults)
        : file_{file}, values_{values}, faults_{faults}
    {
    }

    Notify make(bool whole)
    {
        made_.mail_to = texts("mail.to");
        made_.mail_from = text("mail.from");
        made_.mail_on = on("mail.on");
        made_.command = texts("command.run");
        made_.command_user = text("command.user");
        made_.command_on = on("command.on");
        made_.ping = {.file = text("ping.url-file"), .credential = text("ping.url-credential"), .command = {}};
        check_addresses("mail.to");
        check_addresses("mail.from");
        check_command();
        check_ping();
        if (whole && made_.mail_to.empty() && made_.command.empty() && made_.ping.empty() && faults_.empty())
            faults_.push_back({file_, 0, 0,
                               "tells nobody: needs one of the keys \"mail.to\", \"command.run\", \"ping.url-file\" "
                               "and \"ping.url-credential\""});
        return std::move(made_);
    }

private:
    [[nodiscard]] const Value *value(std::string_view key) const
    {
        const auto found = values_.find(key);
        return found == values_.end() ? nullptr : &found->second;
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
        auto all = texts(key);
        return all.empty() ? std::string{} : std::move(all.front());
    }
    [[nodiscard]] std::vector<Occasion> on(std::string_view key) const
    {
        std::vector<Occasion> all;
        for (const auto &name : texts(key))
            all.push_back(static_cast<Occasion>(std::ranges::find(occasions, name) - occasions.begin()));
        return all;
    }
    void fault(const Place &place, std::string message)
    {
        faults_.push_back((place.file.empty() ? Place{file_} : place).says(std::move(message)));
    }

    void check_addresses(std::string_view key)
    {
        if (const auto *const found = value(key))
            for (const auto &[address, place] : found->texts)
                if (!is_address(address))
                    fault(place,
                          std::format("{}: \"{}\" is neither an address like \"alice@example.org\" nor a user", key, address));
    }

    void check_command()
    {
        if (const auto *const run = value("command.run"))
            if (made_.command.empty() ? run->place.line > 0 && run->texts.empty()
                                      : normal_path(made_.command.front()) != made_.command.front())
                fault(run->place, "command.run: needs the absolute path of a program, and its arguments");
        if (const auto &user = made_.command_user; !user.empty() && !is_user(user))
            fault(value("command.user")->place, std::format("command.user: \"{}\" cannot be a user's name", user));
    }

    void check_ping()
    {
        const auto *const credential = value("ping.url-credential");
        if (credential && !made_.ping.credential.empty() && !is_credential_name(made_.ping.credential))
            fault(credential->place,
                  std::format("ping.url-credential: \"{}\" is no credential's name (letters, digits, \".\", \"_\" and \"-\")",
                              made_.ping.credential));
        if (credential && value("ping.url-file"))
            fault(credential->place, "ping.url-credential: there is the key ping.url-file, too; only one of them can be meant");
    }

    const std::string &file_;
    const Values &values_;
    std::vector<Diagnostic> &faults_;
    Notify made_;
};

} // namespace

std::optional<std::expected<Notify, ConfigError>> load_notify(const SearchPath &path)
{
    const auto files = find_files(path, "");
    const auto file = std::ranges::find(files, "notify", &FoundFile::name);
    if (file == files.end())
        return {};
    auto values = standard_values(notify_keys());
    Findings findings;
    const bool whole = read_layers(path, *file, notify_keys(), values, findings);
    auto notify = Maker{file->path, values, findings.faults}.make(whole);
    if (findings.faults.empty())
        return notify;
    put_in_order(findings.faults);
    return std::unexpected{ConfigError{std::move(findings.faults)}};
}

} // namespace igotchuu
