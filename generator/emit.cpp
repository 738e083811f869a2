// SPDX-License-Identifier: MIT
#include "generator/emit.hpp"

#include "generator/unit-text.hpp"
#include "job/credential-lines.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/lies-below.hpp"
#include "job/load.hpp"
#include "job/schedule.hpp"
#include "job/unit-name.hpp"
#include "job/wait.hpp"
#include "unit-texts.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <format>
#include <sys/stat.h>
#include <unistd.h>

namespace igotchuu::generator
{

namespace
{

using Lines = std::vector<std::string>;

/// What keeps a line of the template, and what drops it.
Lines if_so(bool condition)
{
    return condition ? Lines{""} : Lines{};
}

/// Where PrivateTmp= would show an empty directory in its place, and a backup of that would succeed.
bool is_temporary(std::string_view path)
{
    return lies_below(path, "/tmp") || lies_below(path, "/var/tmp");
}

/// systemd takes no line that is not UTF-8, and complains at each reload: such a file is not named.
Lines source_path(const std::string &file)
{
    if (file.empty() || printable(file) != file)
        return {};
    return {unit_value(file)};
}

Lines setting_lines(const std::vector<UnitSetting> &settings)
{
    Lines lines;
    for (const auto &setting : settings)
        lines.push_back(std::format("{}={}", setting.key, setting.value));
    return lines;
}

/// What a job's service needs beside the template.
struct Needs {
    Lines mounts, credentials, writable;
    bool remote = false, shared_tmp = false;
    bool root = false; ///< restic is chrooted into the view of the source "/"
    bool lvm = false; ///< what LVM's programs need
    bool owned = false; ///< a repository on this machine may be another user's: restic runs as that user then
};

void need(Needs &needs, const Repository &repository)
{
    for (const auto &[key, value] : credential_lines(repository))
        if (auto line = key + '=' + unit_value(value); !std::ranges::contains(needs.credentials, line))
            needs.credentials.push_back(std::move(line));
    const auto path = repository.local_path();
    if (path.empty()) {
        needs.remote = true;
        return;
    }
    needs.mounts.push_back(list_element(path));
    needs.shared_tmp |= is_temporary(path);
    if (!lies_below(path, "/var/lib/igotchuu")) { // StateDirectory=, and root's
        needs.owned = true;
        needs.writable.push_back(list_element("-" + path)); // "-": a disk that is not there is for igotchuu-exec to name, not a 226
    }
}

Needs needs_of(const Job &job)
{
    Needs needs;
    for (const auto &source : job.sources) {
        needs.mounts.push_back(list_element(source));
        needs.shared_tmp |= is_temporary(source);
        needs.root |= source == "/";
    }
    needs.remote = !job.wait.hosts.empty();
    needs.lvm = job.snapshot == SnapshotMethod::lvm_thin;
    for (const auto &repository : job.repositories)
        need(needs, repository);
    return needs;
}

/// A run that waits for a short part of the day looks twice within it; the template's hour would miss it each day again.
Lines longest_delay(const Wait &wait)
{
    const auto hours = parse_hours(wait.hours);
    if (!hours || hours->length() > std::chrono::hours{2})
        return {};
    return {std::format("{}", std::chrono::seconds{hours->length()} / 2)};
}

std::string drop_in(const Job &job, Lines description, const Needs &needs)
{
    const Filling fillings[] = {
        {"DESCRIPTION", std::move(description)},
        {"FILE", source_path(job.file)},
        {"MOUNT", needs.mounts},
        {"REMOTE", if_so(needs.remote)},
        {"UNIT", setting_lines(job.unit)},
        {"DIGEST", {digest(job)}},
        {"DELAY", longest_delay(job.wait)},
        {"CREDENTIAL", needs.credentials},
        {"WRITABLE", needs.writable},
        {"ROOT", if_so(needs.root)},
        {"LVM", if_so(needs.lvm)},
        {"OWNED", if_so(needs.owned)},
        {"SHARED_TMP", if_so(needs.shared_tmp)},
        {"LOCAL", if_so(!needs.remote)},
        {"SERVICE", setting_lines(job.service)},
    };
    return fill(units::job_service_template, fillings);
}

/// A drop-in with which nothing runs: no job has the digest "broken", so that a file that was mended meanwhile waits for its reload.
std::string broken_drop_in(const std::string &description, const std::string &file)
{
    const Filling fillings[] = {
        {"DESCRIPTION", {description}},
        {"FILE", source_path(file)},
        {"MOUNT", {}},
        {"REMOTE", {}},
        {"UNIT", {}},
        {"DIGEST", {"broken"}},
        {"DELAY", {}},
        {"CREDENTIAL", {}},
        {"WRITABLE", {}},
        {"ROOT", {}},
        {"LVM", {}},
        {"OWNED", {}},
        {"SHARED_TMP", {}},
        {"LOCAL", if_so(true)},
        {"SERVICE", {}},
    };
    return fill(units::job_service_template, fillings);
}

/// Of a unit that works on repositories, and freezes nothing.
std::string repository_drop_in(const std::string &description, const std::string &file, std::string digest, const Needs &needs)
{
    const Filling fillings[] = {
        {"DESCRIPTION", {unit_value(description)}},
        {"FILE", source_path(file)},
        {"MOUNT", needs.mounts},
        {"REMOTE", if_so(needs.remote)},
        {"DIGEST", {std::move(digest)}},
        {"CREDENTIAL", needs.credentials},
        {"WRITABLE", needs.writable},
        {"OWNED", if_so(needs.owned)},
        {"SHARED_TMP", if_so(needs.shared_tmp)},
        {"LOCAL", if_so(!needs.remote)},
    };
    return fill(units::repository_service_template, fillings);
}

/// What a timer starts, and whose file has its schedule.
struct Work {
    std::string_view words, owner;
};
constexpr Work backup{"backup", "job file"}, look{"freshness of", "job file"}, upkeep{"maintenance of", "repository file"};

std::string timer_text(const Work &work, std::string_view name, const std::string &file, const std::vector<UnitSetting> &settings)
{
    static const UnitSetting defaults[] = {{"Persistent", "yes"}, {"RandomizedDelaySec", "15min"}, {"FixedRandomDelay", "yes"}};
    auto lines = setting_lines(settings);
    for (const auto &standard : defaults)
        if (!std::ranges::contains(settings, standard.key, &UnitSetting::key))
            lines.push_back(std::format("{}={}", standard.key, standard.value));
    const Filling fillings[] = {{"OWNER", {std::string{work.owner}}},
                                {"WORK", {std::format("{} {}", work.words, unit_value(printable(name)))}},
                                {"FILE", source_path(file)},
                                {"TIMER", std::move(lines)}};
    return fill(units::timer_template, fillings);
}

/// What looks into the job's repositories, and writes to none. A disk that is not mounted stays so: it is as fresh as is known.
Needs needs_of_look(const Job &job)
{
    Needs needs;
    for (const auto &repository : job.repositories)
        need(needs, repository);
    needs.writable.clear();
    needs.mounts.clear();
    for (const auto &setting : job.service)
        if (is_about_credentials(setting))
            needs.credentials.push_back(std::format("{}={}", setting.key, setting.value));
    return needs;
}

/// Four times within the objective, but at most once an hour and at least once a day; at half past, when what runs at midnight is over, mostly. The jobs of a
/// machine look within ten minutes of each other, so that each repository is asked once (exec/answer.hpp).
std::vector<UnitSetting> rhythm(std::chrono::hours objective)
{
    int every = 1;
    for (const int hours : {2, 3, 4, 6, 8, 12, 24}) // what divides a day
        if (objective >= std::chrono::hours{4 * hours})
            every = hours;
    const auto calendar = every == 1 ? std::string{"*:30"} : every == 24 ? std::string{"00:30"} : std::format("00/{}:30", every);
    return {{"OnCalendar", calendar}, {"RandomizedDelaySec", "10min"}};
}

/// Whether a run may keep an instant: for a repository that can be absent, and by a method that can.
bool may_keep(const Job &job)
{
    return job.pending.days > std::chrono::days{0} && job.snapshot != SnapshotMethod::none &&
           job.snapshot != SnapshotMethod::command && !std::ranges::all_of(job.repositories, &Repository::embedded);
}

constexpr auto of_job = "50-job.conf", of_repository = "50-repository.conf",
               of_notify = "60-notify.conf"; // a job's own hides the template's of that name

} // namespace

void Emitter::templates() const
{
    write(directory_.get(), service_of(""), units::igotchuu_service);
    write(directory_.get(), send_service_of(""), units::igotchuu_send_service);
    write(directory_.get(), timer_of(""), units::igotchuu_timer);
    write(directory_.get(), fresh_service_of(""), units::igotchuu_fresh_service);
    write(directory_.get(), fresh_timer_of(""), units::igotchuu_fresh_timer);
    write(directory_.get(), maintenance_service_of(""), units::igotchuu_maintenance_service);
    write(directory_.get(), maintenance_timer_of(""), units::igotchuu_maintenance_timer);
}

void Emitter::implicit(const Job &implicit)
{
    auto needs = needs_of(implicit);
    needs.mounts.emplace_back("%f"); // the path that the instance spells
    needs.root = true; // "-" spells "/"
    write_drop_in(service_of(""), of_job, drop_in(implicit, {}, needs));
    template_sends_ = may_keep(implicit);
    if (template_sends_)
        write_drop_in(send_service_of(""), of_job, drop_in(implicit, {}, needs));
}

void Emitter::broken_implicit() const
{
    write_drop_in(service_of(""), of_job, broken_drop_in("igotchuu backup of %f (broken configuration)", ""));
}

void Emitter::job(const Job &job) const
{
    const auto description = job.description.empty() ? "igotchuu backup " + printable(job.name) : job.description;
    const auto service = drop_in(job, {unit_value(description)}, needs_of(job));
    const auto timer = has_schedule(job.timer) ? timer_text(backup, job.name, job.file, job.timer) : std::string{};
    const auto send = may_keep(job) || template_sends_ // whose digest and credentials are not the job's
                          ? drop_in(job, {unit_value("igotchuu sends what is kept of " + printable(job.name))}, needs_of(job))
                          : std::string{};
    std::string fresh, fresh_timer;
    if (job.objective > std::chrono::hours{0}) {
        fresh = repository_drop_in("Freshness of the igotchuu backup " + printable(job.name), job.file, digest(job),
                                   needs_of_look(job));
        fresh_timer = timer_text(look, job.name, job.file, rhythm(job.objective));
    }
    write_drop_in(service_of(job.instance), of_job, service);
    if (!send.empty())
        write_drop_in(send_service_of(job.instance), of_job, send);
    if (!timer.empty())
        write_timer(timer_of(job.instance), timer);
    if (fresh.empty())
        return;
    write_drop_in(fresh_service_of(job.instance), of_job, fresh);
    write_timer(fresh_timer_of(job.instance), fresh_timer);
}

void Emitter::broken(const std::string &instance, const std::string &file) const
{
    const auto name = printable(std::filesystem::path{file}.stem().native());
    const auto description = unit_value(std::format("igotchuu backup {} (broken configuration)", name));
    write_drop_in(service_of(instance), of_job, broken_drop_in(description, file));
    write_timer(timer_of(instance), timer_text(backup, name, file, {{"OnCalendar", "daily"}}));
    // Without a link: nobody knows whether the job has an objective. But a timer that runs and loses its schedule stays dead when the file is mended (257).
    write_drop_in(
        fresh_service_of(instance), of_job,
        repository_drop_in(std::format("Freshness of the igotchuu backup {} (broken configuration)", name), file, "broken", {}));
    write(directory_.get(), fresh_timer_of(instance), timer_text(look, name, file, {{"OnCalendar", "daily"}}));
}

void Emitter::maintenance(const std::string &instance, const Repository &repository) const
{
    if (!repository.maintained)
        return;
    Needs needs;
    need(needs, repository);
    const auto service = repository_drop_in("igotchuu maintenance of the repository " + printable(repository.name), repository.file,
                                            digest(repository), needs);
    const auto &timer = repository.maintenance.timer;
    const auto schedule = has_schedule(timer) ? timer_text(upkeep, repository.name, repository.file, timer) : std::string{};
    write_drop_in(maintenance_service_of(instance), of_repository, service);
    if (!schedule.empty())
        write_timer(maintenance_timer_of(instance), schedule);
}

void Emitter::broken_maintenance(const std::string &instance, const std::string &file) const
{
    const auto name = printable(std::filesystem::path{file}.stem().native());
    const auto description = std::format("igotchuu maintenance of the repository {} (broken configuration)", name);
    write_drop_in(maintenance_service_of(instance), of_repository, repository_drop_in(description, file, "broken", {}));
    write_timer(maintenance_timer_of(instance), timer_text(upkeep, name, file, {{"OnCalendar", "daily"}}));
}

void Emitter::notify(bool starts, const std::string &credential) const
{
    const auto tell = [&](const std::string &unit, bool start, bool success) {
        const Filling what[] = {{"START", if_so(start)}, {"SUCCESS", if_so(success)}};
        write_drop_in(unit, of_notify, fill(units::notify_template, what));
    };
    tell(service_of(""), starts, true);
    tell(maintenance_service_of(""), false, true);
    tell(fresh_service_of(""), false, true);
    tell(send_service_of(""), false, false); // it may well have had nothing to send
    tell(verify_service, false, true);
    if (credential.empty())
        return;
    const Filling id[] = {{"CREDENTIAL", {unit_value(credential)}}};
    for (const auto *const unit :
         {"igotchuu-notify@.service", "igotchuu-notify-start@.service", "igotchuu-notify-success@.service"})
        write_drop_in(unit, of_notify, fill(units::notify_credential_template, id));
}

void Emitter::write_drop_in(const std::string &unit, const std::string &name, std::string_view text) const
{
    write(make_directory(unit + ".d").get(), name, text);
}

void Emitter::link(const std::string &directory, const std::string &unit) const
{
    const auto wants = make_directory(directory);
    if (symlinkat(("../" + unit).c_str(), wants.get(), unit.c_str()) < 0 && errno != EEXIST)
        fail(errno, "cannot make the link {}/{}", directory, unit);
}

void Emitter::write_timer(const std::string &timer, std::string_view text) const
{
    write(directory_.get(), timer, text);
    link("timers.target.wants", timer);
}

void Emitter::write(int directory, const std::string &name, std::string_view text) const
{
    const Fd file{openat(directory, name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644)};
    if (!file)
        fail(errno, "cannot create {}", name);
    while (!text.empty()) {
        const auto written = ::write(file.get(), text.data(), text.size());
        if (written < 0)
            fail(errno, "cannot write {}", name);
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

Fd Emitter::make_directory(const std::string &name) const
{
    if (mkdirat(directory_.get(), name.c_str(), 0755) < 0 && errno != EEXIST)
        fail(errno, "cannot make the directory {}", name);
    Fd made{openat(directory_.get(), name.c_str(), O_DIRECTORY | O_NOFOLLOW | O_RDONLY | O_CLOEXEC)};
    if (!made)
        fail(errno, "cannot open the directory {}", name);
    return made;
}

} // namespace igotchuu::generator
