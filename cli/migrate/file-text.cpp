// SPDX-License-Identifier: MIT
#include "cli/migrate/file-text.hpp"

#include "cli/toml-text.hpp"
#include "job/diagnostic.hpp"

#include <algorithm>
#include <format>
#include <utility>

namespace igotchuu::migrate
{

namespace
{

/// The lines of a file, a key each, those that have a value.
class Lines
{
public:
    explicit Lines(std::string begin) : text_{std::move(begin)} {}

    void text(std::string_view key, const std::string &value)
    {
        if (!value.empty())
            line(key, toml_text(value));
    }
    void list(std::string_view key, const std::vector<std::string> &values)
    {
        if (!values.empty())
            line(key, toml_list(values));
    }
    void number(std::string_view key, std::uint32_t value)
    {
        if (value > 0)
            line(key, std::to_string(value));
    }
    void line(std::string_view key, std::string_view value) { text_ += std::format("{} = {}\n", key, value); }
    void table(std::string_view name) { text_ += std::format("\n[{}]\n", name); }
    void comment(std::string_view text) { text_ += std::format("# {}\n", text); }

    [[nodiscard]] std::string all() && { return std::move(text_); }

private:
    std::string text_;
};

std::string heading(std::string_view what, const std::string &file, std::string_view page)
{
    return std::format("# {}, by igotchuu migrate from {}. {} has all keys; after a change: igotchuu reload\n", what,
                       printable(file), page);
}

/// systemd's keys, one with several lines as a list.
void add_settings(Lines &lines, std::string_view table, const std::vector<UnitSetting> &settings)
{
    if (settings.empty())
        return;
    lines.table(table);
    std::vector<std::string> done;
    for (const auto &setting : settings) {
        if (std::ranges::contains(done, setting.key))
            continue;
        done.push_back(setting.key);
        std::vector<std::string> values;
        for (const auto &same : settings)
            if (same.key == setting.key)
                values.push_back(same.value);
        if (values.size() == 1)
            lines.text(setting.key, values.front());
        else
            lines.list(setting.key, values);
    }
}

void add_keep(Lines &lines, const std::vector<KeepRule> &rules)
{
    std::vector<std::string> tags;
    for (const auto &[name, value] : rules)
        if (name == "tag")
            tags.push_back(value);
        else if (name.starts_with("within"))
            lines.text(std::format("keep.{}", name), value);
        else
            lines.line(std::format("keep.{}", name), value);
    lines.list("keep.tags", tags);
}

} // namespace

std::string text_of(const Repository &repository, const std::string &file)
{
    Lines lines{heading("A repository", file, "igotchuu.repository(5)")};
    lines.text("location", repository.location);
    lines.text("location-credential", repository.location_from.credential);
    lines.text("password-file", repository.password.file);
    lines.text("password-credential", repository.password.credential);
    lines.list("password-command", repository.password.command);
    lines.list("load-credential", repository.load_credentials);
    lines.number("limit-upload", repository.limit_upload);
    lines.number("limit-download", repository.limit_download);
    lines.number("pack-size", repository.pack_size);
    lines.text("compression", repository.compression);
    lines.list("options", repository.options);
    lines.list("restic-args", repository.restic_args);
    if (!repository.environment.empty())
        lines.table("environment");
    for (const auto &[name, form, where] : repository.environment)
        lines.text(std::format("{}.{}", toml_text(name), variable_forms[static_cast<std::size_t>(form)]), where);
    return std::move(lines).all();
}

std::string text_of(const Found &found, const std::string &file)
{
    const auto &job = found.job;
    Lines lines{heading("A job", file, "igotchuu.job(5)")};
    lines.text("description", job.description);
    lines.list("sources", job.sources);
    lines.list("live", job.live);
    lines.list("exclude", job.exclude);
    if (job.exclude_caches)
        lines.line("exclude-caches", "true");
    if (found.target)
        lines.list("repositories", {found.target->repository.name});
    else
        lines.comment("Where to: names of files in /etc/igotchuu/repositories. Without this line it is \"default\".\n#repositories "
                      "= [\"nas\"]");
    lines.list("exec-before-snapshot", job.before_snapshot);
    lines.list("restic-args", job.restic_args);
    add_keep(lines, job.keep);
    if (job.timer.empty())
        lines.comment("When: without a schedule it has no timer.\n#[timer]\n#OnCalendar = \"daily\"");
    add_settings(lines, "timer", job.timer);
    add_settings(lines, "service", job.service);
    return std::move(lines).all();
}

} // namespace igotchuu::migrate
