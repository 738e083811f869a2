// SPDX-License-Identifier: MIT
#include "job/configuration.hpp"

#include "job/credential-lines.hpp"
#include "job/programs.hpp"
#include "job/read-file.hpp"
#include "job/repository.hpp"
#include "job/schedule.hpp"
#include "job/sources.hpp"
#include "job/wait.hpp"

#include <algorithm>
#include <format>
#include <set>
#include <system_error>
#include <tuple>

namespace igotchuu
{

namespace
{

std::vector<std::string> texts_of(const Values &values, std::string_view key)
{
    std::vector<std::string> texts;
    if (const auto place = values.find(key); place != values.end())
        std::ranges::transform(place->second.texts, std::back_inserter(texts), &Text::text);
    return texts;
}

std::vector<std::vector<std::string>> programs_of(const Values &values, std::string_view key)
{
    std::vector<std::vector<std::string>> programs;
    for (const auto &texts : values.at(key).programs)
        std::ranges::transform(texts, std::back_inserter(programs.emplace_back()), &Text::text);
    return programs;
}

/// In the order of the schema.
std::vector<KeepRule> keep_rules(const Values &values)
{
    constexpr std::string_view table = "keep.";
    std::vector<KeepRule> rules;
    for (const auto &key : job_keys()) {
        const auto place = key.name.starts_with(table) ? values.find(key.name) : values.end();
        if (place == values.end())
            continue;
        const std::string name{key.type == KeyType::text_list ? "tag" : key.name.substr(table.size())};
        if (key.type == KeyType::count)
            rules.push_back({name, std::to_string(place->second.number)});
        for (const auto &text : place->second.texts)
            rules.push_back({name, text.text});
    }
    return rules;
}

/// With tags alone no backup would outlive the next.
void check_keep(const Values &values, const Job &job, std::vector<Diagnostic> &faults)
{
    if (!job.keep.empty() && std::ranges::all_of(job.keep, [](const KeepRule &rule) { return rule.name == "tag"; }))
        faults.push_back(
            values.at("keep.tags")
                .place.says("keep.tags: says what stays beside the rest; how many others stay? keep.last, keep.daily and so on"));
}

/// A unit has one credential of a name, whatever its repositories mean by it: a backup would go to another's place, and be a success.
void check_credentials(const Values &values, const Job &job, std::vector<Diagnostic> &faults)
{
    struct Taken {
        CredentialSource source;
        std::string_view by;
    };
    std::vector<Taken> all;
    const auto check = [&](std::string_view key, const CredentialSource &source, std::string_view by, std::string_view unless) {
        const auto other = std::ranges::find_if(all, [&](const Taken &taken) {
            return taken.source.id == source.id && taken.source.from != source.from && taken.source.from != unless;
        });
        if (other == all.end())
            return;
        const auto &place = values.at(key).place;
        faults.push_back(
            (place.file.empty() ? Place{job.file} : place)
                .says(std::format("{}: the credential \"{}\" is from {} in {}, and from {} in {}: give the two of them two names",
                                  key, source.id, other->source.from, other->by, source.from, by)));
    };
    for (const auto &repository : job.repositories)
        for (auto &source : credential_sources(repository)) {
            check("repositories", source, repository.file, "");
            all.push_back({std::move(source), repository.file});
        }
    for (const auto &setting : job.service)
        if (const auto source = credential_source(setting)) // it may stand for what would be in a store, to all of them
            check("service", *source, job.file, credential_stores);
}

void fill(Job &job, const Values &values)
{
    const auto first = [&](std::string_view key) {
        auto texts = texts_of(values, key);
        return texts.empty() ? std::string{} : std::move(texts.front());
    };
    job.description = first("description");
    job.sources = texts_of(values, "sources");
    job.exclude = texts_of(values, "exclude");
    job.exclude_caches = values.at("exclude-caches").number != 0;
    job.snapshot = static_cast<SnapshotMethod>(std::ranges::find(snapshot_methods, first("snapshot")) - snapshot_methods.begin());
    job.live = texts_of(values, "live");
    job.prepare = texts_of(values, "prepare");
    job.cleanup = texts_of(values, "cleanup");
    job.prepared = texts_of(values, "prepared");
    job.prepare_user = first("prepare-user");
    job.prepare_timeout = std::chrono::seconds{values.at("prepare-timeout").number};
    job.before_snapshot = texts_of(values, "exec-before-snapshot");
    if (job.snapshot != SnapshotMethod::none)
        job.hold = programs_of(values, "hold");
    job.hold_user = first("hold-user");
    job.hold_timeout = std::chrono::seconds{values.at("hold-timeout").number};
    job.wait = wait_of(values);
    job.nested_max = static_cast<std::uint32_t>(values.at("nested-max").number);
    job.nested_read_only = values.at("nested-read-only").number != 0;
    job.restic_args = texts_of(values, "restic-args");
    job.full_every = std::chrono::days{values.at("full-every-days").number};
    job.pending = {.days = std::chrono::days{values.at("pending.days").number},
                   .instants = static_cast<std::uint32_t>(values.at("pending.instants").number),
                   .free_percent = static_cast<std::uint32_t>(values.at("pending.free-percent").number)};
    job.prove = {.extent = static_cast<Extent>(std::ranges::find(extent_words, first("prove")) - extent_words.begin()),
                 .every = std::chrono::days{values.at("prove-every-days").number},
                 .files = static_cast<std::uint32_t>(values.at("prove-files").number),
                 .minutes = std::chrono::minutes{values.at("prove-minutes").number}};
    if (const auto objective = values.find("objective-hours"); objective != values.end())
        job.objective = std::chrono::hours{objective->second.number};
    job.keep = keep_rules(values);
    job.unit = settings_of(values, "unit");
    job.service = settings_of(values, "service");
    job.timer = settings_of(values, "timer");
}

bool stands_at(const Values &values, std::string_view key, const Place &place)
{
    const auto found = values.find(key);
    return found != values.end() && found->second.place.file == place.file && found->second.place.line == place.line;
}

/// `timer`: of the table `key`. `below`: what the file with the schedule lies over; a table that stands there alone needs none.
void check_timer(const Values &values, std::string_view key, const std::vector<UnitSetting> &timer, const Values &below,
                 std::vector<Diagnostic> &warnings)
{
    if (timer.empty())
        return;
    const auto &table = values.at(key);
    const auto is_schedule = [](const Setting &setting) { return setting.key.starts_with("On"); }; // [] is one, too: by hand only
    if (std::ranges::none_of(table.settings, is_schedule) && !stands_at(below, key, table.place))
        warnings.push_back(table.place.says(
            std::format("{}: says nothing of when, so that nothing ever starts it (add: OnCalendar = \"daily\")", key)));
    if (only_goes_on(timer))
        warnings.push_back(table.place.says(
            std::format("{}: OnUnitActiveSec and OnUnitInactiveSec count from a run before, and nothing starts the first one after "
                        "a boot (add: OnBootSec = \"15min\")",
                        key)));
}

void append(std::vector<Diagnostic> &to, const std::vector<Diagnostic> &from)
{
    to.insert(to.end(), from.begin(), from.end());
}

} // namespace

Values standard_values(std::span<const Key> keys)
{
    Values values;
    Findings findings;
    for (const auto &key : keys) // one by one: a switched_section and a key in it cannot stand in one text
        if (!key.standard.empty())
            read_values({}, std::format("{} = {}", key.name, key.standard), keys, values, findings);
    return values;
}

void put_in_order(std::vector<Diagnostic> &faults)
{
    constexpr std::size_t most = 100;
    std::map<std::string, std::size_t> rank;
    for (const auto &fault : faults)
        rank.try_emplace(fault.file, rank.size());
    std::ranges::stable_sort(faults, {},
                             [&](const Diagnostic &fault) { return std::tuple{rank[fault.file], fault.line, fault.column}; });
    if (faults.size() > most) {
        const Diagnostic more{faults[most].file, 0, 0, std::format("and {} more", faults.size() - most)};
        faults.resize(most);
        faults.push_back(more);
    }
}

bool read_layers(const SearchPath &path, const FoundFile &file, std::span<const Key> keys, Values &values, Findings &findings)
{
    bool whole = file.faults.empty();
    const auto add = [&](const std::string &name) {
        const auto text = read_configuration_file(path.root, name);
        if (!text)
            findings.faults.push_back(text.error());
        Values above;
        whole = text && read_values(name, *text, keys, above, findings) && whole;
        overlay(values, std::move(above));
    };
    add(file.path);
    std::ranges::for_each(file.drop_ins, add);
    append(findings.faults, file.faults);
    return whole;
}

std::string candidates(const SearchPath &path, std::string_view kind, std::string_view name)
{
    std::string text;
    for (const auto &directory : path.directories)
        text += std::format("{}{}/{}.toml", text.empty() ? "" : ", ", (directory / kind).native(), name);
    return text;
}

Configuration::Configuration(const SearchPath &path) : path_{path}, defaults_{standard_values(job_keys())}
{
    try {
        read_defaults();
        repository_files_ = find_files(path, "repositories");
        masked_repositories_ = find_masked_files(path, "repositories");
    } catch (const std::system_error &error) {
        shared_.faults.push_back({{}, 0, 0, error.what()});
    }
}

void Configuration::read_defaults()
{
    for (auto &file : find_files(path_, ""))
        if (file.name == "defaults")
            defaults_file_ = std::move(file);
    if (!defaults_file_)
        return;
    Values values;
    read_layers(path_, *defaults_file_, job_keys(), values, shared_);
    if (const auto sources = values.extract("sources"))
        shared_.faults.push_back(sources.mapped().place.says("sources: every job has its own; this belongs into the job's file"));
    overlay(defaults_, std::move(values));
}

std::expected<Job, ConfigError> Configuration::job(const FoundFile &file, std::string instance)
{
    auto values = defaults_;
    Findings findings;
    const bool whole = read_layers(path_, file, job_keys(), values, findings);
    if (const auto sources = values.find("sources"); sources != values.end())
        find_repeated(sources->second.texts, findings.faults);
    else if (whole)
        findings.faults.push_back({file.path, 0, 0, "the key \"sources\" is missing: which directories shall be backed up?"});
    Job job;
    job.name = file.name;
    job.instance = std::move(instance);
    job.file = file.path;
    return make(values, std::move(job), std::move(findings));
}

std::expected<Job, ConfigError> Configuration::implicit_job()
{
    return make(defaults_, {}, {});
}

std::expected<Job, ConfigError> Configuration::make(const Values &values, Job job, Findings findings)
{
    fill(job, values);
    append(findings.faults, shared_.faults);
    resolve(values, job, findings.faults);
    check_programs(values, defaults_, job, findings.faults);
    check_wait(values, job, findings.faults);
    check_keep(values, job, findings.faults);
    check_credentials(values, job, findings.faults);
    if (!findings.faults.empty()) {
        put_in_order(findings.faults);
        return std::unexpected{ConfigError{std::move(findings.faults)}};
    }
    if (!job.implicit())
        check_timer(values, "timer", job.timer, defaults_, findings.warnings);
    job.warnings = std::move(findings.warnings);
    append(job.warnings, shared_.warnings);
    put_in_order(job.warnings);
    return job;
}

void Configuration::resolve(const Values &values, Job &job, std::vector<Diagnostic> &faults)
{
    std::set<std::string_view> seen;
    for (const auto &[name, place] : values.at("repositories").texts) {
        const Place where = place.file.empty() ? Place{job.file} : place;
        const auto says = [&](std::string message) { faults.push_back(where.says(std::move(message))); };
        if (!seen.insert(name).second)
            says(std::format("repositories: \"{}\" is listed twice", name));
        else if (const auto *const loaded = repository(name)) {
            job.repositories.push_back(loaded->repository);
            append(faults, loaded->faults);
        } else if (shared_.faults.empty()) // else perhaps they were not even looked for
            says(no_such_repository(name));
    }
}

const Configuration::ReadRepository *Configuration::repository(const std::string &name)
{
    if (const auto known = repositories_.find(name); known != repositories_.end())
        return &known->second;
    if (const auto file = std::ranges::find(repository_files_, name, &FoundFile::name); file != repository_files_.end())
        return &repositories_.emplace(name, load(*file)).first->second;
    if (name != embedded_repository().name || std::ranges::contains(masked_repositories_, name, &FoundFile::name))
        return nullptr;
    return &repositories_.emplace(name, ReadRepository{embedded_repository(), {}, {}}).first->second;
}

Configuration::ReadRepository Configuration::load(const FoundFile &file) const
{
    auto values = standard_values(repository_keys());
    Findings findings;
    const bool whole = read_layers(path_, file, repository_keys(), values, findings);
    std::vector<Diagnostic> missing;
    auto repository = make_repository(file.name, file.path, values, whole ? findings.faults : missing);
    check_timer(values, "maintenance", repository.maintenance.timer, {}, findings.warnings);
    return {std::move(repository), std::move(findings.faults), std::move(findings.warnings)};
}

LoadedRepository Configuration::repository(const FoundFile &file) const
{
    auto [repository, faults, warnings] = load(file);
    put_in_order(faults);
    put_in_order(warnings);
    LoadedRepository loaded{{}, {file.path}, std::move(repository), std::move(warnings)};
    if (!faults.empty())
        loaded.repository = std::unexpected{ConfigError{std::move(faults)}};
    return loaded;
}

std::string Configuration::no_such_repository(const std::string &name) const
{
    if (const auto mask = std::ranges::find(masked_repositories_, name, &FoundFile::name); mask != masked_repositories_.end())
        return std::format("repositories: \"{}\" is masked by {}, a link to /dev/null", name, mask->path);
    std::vector<std::string_view> known;
    std::ranges::transform(repository_files_, std::back_inserter(known), &FoundFile::name);
    if (!std::ranges::contains(masked_repositories_, "default", &FoundFile::name))
        known.push_back("default");
    const auto near = nearest(name, known);
    return std::format("repositories: there is no repository \"{}\"{}; looked for {}", name,
                       near.empty() ? "" : std::format(", did you mean \"{}\"?", near), candidates(path_, "repositories", name));
}

} // namespace igotchuu
