// SPDX-License-Identifier: MIT
// A job file, the file of its repository and the job's name become units: whatever they hold, systemd finds in these exactly the settings that
// are meant, with exactly these values, and no line, section or unit more.
#include "generator/emit.hpp"
#include "job/credential-lines.hpp"
#include "job/load.hpp"
#include "tests/fuzz/must.hpp"
#include "tests/unit/little-root.hpp"

#include <algorithm>
#include <cstdint>
#include <fcntl.h>
#include <format>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

using namespace igotchuu;
using fuzz::must;

namespace
{

using Strings = std::vector<std::string>;

struct Input {
    std::string job, repository, name;
};

/// Up to three parts, with a line "---" between them: the job file, the repository's file, the job's name.
Input input_of(std::string_view text)
{
    Strings parts;
    constexpr std::string_view between = "\n---\n";
    for (; parts.size() < 2 && text.contains(between); text.remove_prefix(text.find(between) + between.size()))
        parts.emplace_back(text.substr(0, text.find(between)));
    parts.emplace_back(text);
    parts.resize(3);
    return {parts[0], parts[1], parts[2].empty() ? "a" : parts[2]};
}

bool is_file_name(const std::string &name)
{
    return name.size() <= 250 && !name.contains('/') && !name.contains('\0');
}

std::string stripped(std::string_view text)
{
    const auto start = std::min(text.find_first_not_of(" \t"), text.size());
    return std::string{text.substr(start, text.find_last_not_of(" \t") + 1 - start)};
}

/// A unit as systemd's config_parse() reads it; each setting has to be asked for, in its order.
class Unit
{
public:
    explicit Unit(const std::string &text)
    {
        static_cast<void>(nlohmann::json(text).dump()); // throws for what is not UTF-8: systemd takes no such line
        std::istringstream lines{text};
        std::string section;
        for (std::string line; std::getline(lines, line);) {
            must(std::ranges::none_of(line, [](char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7f; }),
                 "no control character stands in a unit");
            must((line.size() - (line.find_last_not_of('\\') + 1)) % 2 == 0, "no line takes in the next one");
            line = stripped(line);
            if (line.empty() || line.starts_with('#') || line.starts_with(';'))
                continue;
            if (line.starts_with('['))
                section = line;
            else
                settings_.push_back(section + stripped(line.substr(0, line.find('='))) + '=' +
                                    stripped(line.substr(line.find('=') + 1)));
        }
    }
    ~Unit() { must(next_ == settings_.size(), "there is no setting more"); }
    Unit(const Unit &) = delete;
    Unit &operator=(const Unit &) = delete;

    /// `value` in the language of systemd
    void has(const std::string &setting, std::string_view value) { must(value_of(setting) == stripped(value), setting); }
    /// `value` as it is meant, where a setting takes the rest of its line
    void means(const std::string &setting, std::string_view value)
    {
        must(resolved(value_of(setting)) == stripped(value), setting);
    }
    /// `value` as it is meant, where a setting takes a list
    void lists(const std::string &setting, const std::string &value) { must(words(value_of(setting)) == Strings{value}, setting); }
    void has(const std::string &section, const std::vector<UnitSetting> &settings)
    {
        for (const auto &[key, value] : settings)
            has(section + key, value);
    }

private:
    std::string value_of(const std::string &setting)
    {
        must(next_ < settings_.size() && settings_[next_].starts_with(setting + '='), setting);
        return settings_[next_++].substr(setting.size() + 1);
    }
    static std::string resolved(const std::string &value)
    {
        std::string text;
        for (std::size_t i = 0; i < value.size(); ++i) {
            text += value[i];
            if (value[i] == '%')
                must(++i < value.size() && value[i] == '%', "a percent sign is no specifier");
        }
        return text;
    }
    /// extract_first_word() with EXTRACT_UNQUOTE, again and again
    static Strings words(const std::string &value)
    {
        Strings words;
        char quote = 0;
        bool inside = false;
        for (std::size_t i = 0; i < value.size(); ++i) {
            const char c = value[i];
            if (!quote && (c == ' ' || c == '\t')) {
                inside = false;
                continue;
            }
            if (!std::exchange(inside, true))
                words.emplace_back();
            if (quote ? c == quote : c == '"' || c == '\'')
                quote = quote ? '\0' : c;
            else if (c == '\\')
                words.back() += ++i < value.size() ? value[i] : '\0';
            else
                words.back() += c;
        }
        must(!quote, "quotes are closed");
        for (auto &word : words)
            word = resolved(word);
        return words;
    }

    Strings settings_; ///< "[section]key=value"
    std::size_t next_ = 0;
};

bool below(std::string_view path, std::string_view directory)
{
    return path == directory || path.starts_with(std::string{directory} + '/');
}

void check_place(Unit &unit, const std::string &description, const std::string &file)
{
    unit.means("[Unit]Description", description);
    if (printable(file) == file)
        unit.means("[Unit]SourcePath", file);
}

void check_credentials(const Repository &repository, Unit &unit)
{
    Strings seen;
    const auto once = [&](const std::string &setting, const std::string &value) {
        if (std::ranges::contains(seen, setting + '=' + value))
            return;
        seen.push_back(setting + '=' + value);
        unit.means("[Service]" + setting, value);
    };
    Strings loaded;
    for (const auto *const list : {&repository.load_credentials, &repository.load_encrypted_credentials})
        for (const auto &line : *list)
            loaded.push_back(line.substr(0, line.find(':')));
    auto ids = loaded;
    for (const auto &id : credentials_of(repository))
        if (!std::ranges::contains(loaded, id)) {
            once("ImportCredential", id);
            ids.push_back(id);
        }
    if (ids.size() > loaded.size())
        once("DeviceAllow", "char-tpm rw");
    for (const auto &id : ids)
        once("SetCredential", id + R"(:\n\n)");
    for (const auto &line : repository.load_credentials)
        once("LoadCredential", line);
    for (const auto &line : repository.load_encrypted_credentials)
        once("LoadCredentialEncrypted", line);
}

void check_no_network(Unit &unit)
{
    unit.has("[Service]PrivateNetwork", "yes");
    unit.has("[Service]IPAddressDeny", "any");
    unit.has("[Service]RestrictAddressFamilies", "");
    unit.has("[Service]RestrictAddressFamilies", "AF_UNIX");
}

void check_service(const Job &job, const std::string &description, const std::string &text)
{
    Unit unit{text};
    check_place(unit, description, job.file);
    Strings places = job.sources, writable;
    bool remote = false;
    for (const auto &repository : job.repositories) {
        const auto local = repository.local_path();
        remote |= local.empty();
        if (!local.empty())
            places.push_back(local);
        if (!local.empty() && !below(local, "/var/lib/igotchuu"))
            writable.push_back("-" + local);
    }
    for (const auto &place : places)
        unit.lists("[Unit]WantsMountsFor", place);
    for (const auto *setting : {"[Unit]Wants", "[Unit]After"})
        if (remote)
            unit.has(setting, "network-online.target");
    unit.has("[Unit]", job.unit);
    unit.has("[Service]Environment", "IGOTCHUU_DIGEST=" + digest(job));
    for (const auto &repository : job.repositories) // the input has one that is no default
        check_credentials(repository, unit);
    for (const auto &place : writable)
        unit.lists("[Service]ReadWritePaths", place);
    if (std::ranges::contains(job.sources, "/"))
        unit.has("[Service]CapabilityBoundingSet", "CAP_SYS_CHROOT");
    if (!writable.empty()) {
        unit.has("[Service]CapabilityBoundingSet", "CAP_SETUID CAP_SETGID");
        unit.has("[Service]SystemCallFilter", "@setuid");
    }
    if (std::ranges::any_of(places, [](const std::string &place) { return below(place, "/tmp") || below(place, "/var/tmp"); })) {
        unit.has("[Service]PrivateTmp", "no");
        unit.has("[Service]ReadWritePaths", "/tmp /var/tmp");
    }
    if (!remote)
        check_no_network(unit);
    unit.has("[Service]", job.service);
}

/// What looks into the repositories: it may write to none, and mounts nothing.
void check_look(const Job &job, const std::string &text)
{
    Unit unit{text};
    check_place(unit, "Freshness of the igotchuu backup " + printable(job.name), job.file);
    bool remote = false, other_owner = false, temporary = false;
    for (const auto &repository : job.repositories) {
        const auto local = repository.local_path();
        remote |= local.empty();
        other_owner |= !local.empty() && !below(local, "/var/lib/igotchuu");
        temporary |= below(local, "/tmp") || below(local, "/var/tmp");
    }
    for (const auto *setting : {"[Unit]Wants", "[Unit]After"})
        if (remote)
            unit.has(setting, "network-online.target");
    unit.has("[Service]Environment", "IGOTCHUU_DIGEST=" + digest(job));
    for (const auto &repository : job.repositories)
        check_credentials(repository, unit);
    for (const auto &setting : job.service)
        if (is_about_credentials(setting))
            unit.has("[Service]" + setting.key, setting.value);
    if (other_owner) {
        unit.has("[Service]CapabilityBoundingSet", "CAP_SETUID CAP_SETGID");
        unit.has("[Service]SystemCallFilter", "@setuid");
    }
    if (temporary) {
        unit.has("[Service]PrivateTmp", "no");
        unit.has("[Service]ReadWritePaths", "/tmp /var/tmp");
    }
    if (!remote)
        check_no_network(unit);
}

void check_timer_of_look(const Job &job, const std::string &text)
{
    Unit unit{text};
    check_place(unit, "Timer of the igotchuu freshness of " + printable(job.name), job.file);
    const auto hours = job.objective.count();
    unit.has("[Timer]OnCalendar", hours < 8    ? "*:30"
                                  : hours < 12 ? "00/2:30"
                                  : hours < 16 ? "00/3:30"
                                  : hours < 24 ? "00/4:30"
                                  : hours < 32 ? "00/6:30"
                                  : hours < 48 ? "00/8:30"
                                  : hours < 96 ? "00/12:30"
                                               : "00:30");
    unit.has("[Timer]RandomizedDelaySec", "10min");
    unit.has("[Timer]Persistent", "yes");
    unit.has("[Timer]FixedRandomDelay", "yes");
}

void check_timer(const Job &job, const std::string &text)
{
    Unit unit{text};
    check_place(unit, "Timer of the igotchuu backup " + printable(job.name), job.file);
    unit.has("[Timer]", job.timer);
    const auto sets = [&](std::string_view key) { return std::ranges::contains(job.timer, key, &UnitSetting::key); };
    if (!sets("Persistent"))
        unit.has("[Timer]Persistent", "yes");
    if (!sets("RandomizedDelaySec"))
        unit.has("[Timer]RandomizedDelaySec", "15min");
    if (!sets("FixedRandomDelay"))
        unit.has("[Timer]FixedRandomDelay", "yes");
}

void check_broken_service(const std::string &name, const std::string &file, const std::string &text)
{
    Unit unit{text};
    check_place(unit, std::format("igotchuu backup {} (broken configuration)", printable(name)), file);
    unit.has("[Service]Environment", "IGOTCHUU_DIGEST=broken");
    check_no_network(unit);
}

std::string read(const std::filesystem::path &file)
{
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator{stream}, {}};
}

/// Whether it can be that an instant is kept for a repository that is absent.
bool may_keep(const Job &job)
{
    return job.pending.days.count() > 0 && job.snapshot != SnapshotMethod::none && job.snapshot != SnapshotMethod::command &&
           std::ranges::any_of(job.repositories, [](const Repository &repository) { return !repository.embedded(); });
}

void check_files(const std::filesystem::path &units, const std::string &instance, bool timer, bool send, bool look)
{
    std::set<std::string> found,
        expected{std::format("igotchuu@{}.service.d", instance), std::format("igotchuu@{}.service.d/50-job.conf", instance)};
    if (send)
        expected.insert(
            {std::format("igotchuu-send@{}.service.d", instance), std::format("igotchuu-send@{}.service.d/50-job.conf", instance)});
    if (timer)
        expected.insert({std::format("igotchuu@{}.timer", instance), "timers.target.wants",
                         std::format("timers.target.wants/igotchuu@{}.timer", instance)});
    if (look)
        expected.insert({std::format("igotchuu-fresh@{}.service.d", instance),
                         std::format("igotchuu-fresh@{}.service.d/50-job.conf", instance),
                         std::format("igotchuu-fresh@{}.timer", instance), "timers.target.wants",
                         std::format("timers.target.wants/igotchuu-fresh@{}.timer", instance)});
    for (const auto &entry : std::filesystem::recursive_directory_iterator{units})
        found.insert(entry.path().lexically_relative(units).native());
    must(found == expected, "there is no unit more");
}

void check_faults(const ConfigError &error)
{
    must(!error.diagnostics().empty(), "a job that is refused says why");
    for (const auto &diagnostic : error.diagnostics())
        must(std::ranges::none_of(to_string(diagnostic), [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; }),
             "a fault is one line");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const auto input = input_of({reinterpret_cast<const char *>(data), size});
    if (!is_file_name(input.name))
        return -1;
    const LittleRoot root;
    root.write("/etc/igotchuu/jobs/" + input.name + ".toml", input.job);
    root.write("/etc/igotchuu/repositories/nas.toml", input.repository);
    const auto units = root.path() / "units";
    std::filesystem::create_directory(units);
    const generator::Emitter emitter{Fd{open(units.c_str(), O_DIRECTORY | O_RDONLY | O_CLOEXEC)}};

    const auto loaded = load_jobs(root.search_path());
    if (loaded.jobs.empty())
        return 0; // a left-over of an editor, or no name for a unit
    const auto &[instance, files, job] = loaded.jobs.front();
    const auto service = units / std::format("igotchuu@{}.service.d/50-job.conf", instance);
    if (!job) {
        check_faults(job.error());
        emitter.broken(instance, files.front());
        check_broken_service(input.name, files.front(), read(service));
        std::filesystem::remove_all(units /
                                    std::format("igotchuu-fresh@{}.service.d", instance)); // without a link nothing starts it
        must(std::filesystem::remove(units / std::format("igotchuu-fresh@{}.timer", instance)),
             "a look that is due has a schedule");
        check_files(units, instance, true, false, false);
        return 0;
    }
    must(digest(load_job(root.search_path(), instance)) == digest(*job), "the run loads what the generator loaded");
    emitter.job(*job);
    check_service(*job, job->description.empty() ? "igotchuu backup " + printable(job->name) : job->description, read(service));
    if (may_keep(*job))
        check_service(*job, "igotchuu sends what is kept of " + printable(job->name),
                      read(units / std::format("igotchuu-send@{}.service.d/50-job.conf", instance)));
    const bool timer = std::ranges::any_of(job->timer, [](const auto &setting) { return setting.key.starts_with("On"); });
    const bool look = job->objective.count() > 0;
    check_files(units, instance, timer, may_keep(*job), look);
    if (look) {
        check_look(*job, read(units / std::format("igotchuu-fresh@{}.service.d/50-job.conf", instance)));
        check_timer_of_look(*job, read(units / std::format("igotchuu-fresh@{}.timer", instance)));
    }
    if (timer)
        check_timer(*job, read(units / std::format("igotchuu@{}.timer", instance)));
    return 0;
}
