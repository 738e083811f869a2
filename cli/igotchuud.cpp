// SPDX-License-Identifier: MIT
#include "cli/igotchuud.hpp"

#include "cli/job-names.hpp"
#include "job/diagnostic.hpp"

#include <systemd/sd-bus.h>

#include <algorithm>
#include <cstdlib>
#include <format>
#include <map>

namespace igotchuu
{

namespace
{

constexpr std::chrono::seconds soon{5};
constexpr std::chrono::minutes of_a_person{3}; // igotchuud gives up on whoever types a password after two

const sdbus::ServiceName service{"com.nyantec.igotchuu"};
const sdbus::InterfaceName manager_interface{"com.nyantec.igotchuu.Manager1"};
const sdbus::InterfaceName job_interface{"com.nyantec.igotchuu.Job1"};

using Properties = std::map<sdbus::PropertyName, sdbus::Variant>;
using Objects = std::map<sdbus::ObjectPath, std::map<sdbus::InterfaceName, Properties>>;
using ProvenRow =
    sdbus::Struct<std::string, std::uint64_t, std::uint64_t, std::string, std::string, std::uint64_t, std::uint64_t, std::uint64_t>;
using RanRow = sdbus::Struct<std::string, std::string, std::uint64_t, std::uint64_t>;
using RetentionRow = sdbus::Struct<std::string, std::string, std::uint64_t, std::uint64_t, std::uint64_t>;

[[noreturn]] void explain(const sdbus::Error &error)
{
    const auto &name = static_cast<const std::string &>(error.getName());
    const auto message = printable(error.getMessage());
    if (name == "com.nyantec.igotchuu.Error.NoSuchJob")
        throw UsageError{message};
    if (name.starts_with("com.nyantec.igotchuu.Error."))
        throw Failure{message};
    if (name == "org.freedesktop.DBus.Error.ServiceUnknown" || name.contains("NameHasNoOwner") || name.contains("Spawn"))
        throw Failure{std::format("igotchuud does not answer on the bus ({}); as root this works without it", message)};
    throw Failure{std::format("the bus does not work ({}); as root this works without it", message)};
}

/// What `ask` returns; its errors explained.
template <typename Ask>
auto asked(const Ask &ask)
try {
    return ask();
} catch (const sdbus::Error &error) {
    explain(error);
}

std::unique_ptr<sdbus::IConnection> connect()
{
    sd_bus *bus = nullptr;
    if (const int error = sd_bus_open_system(&bus); error < 0)
        throw sdbus::createError(-error, "cannot open the system bus");
    sd_bus_set_allow_interactive_authorization(bus, true); // sdbus-c++ 2.1 has no word for it
    return sdbus::createBusConnection(bus); // which owns it
}

template <typename Kind>
Kind of(const Properties &properties, const char *name)
{
    const auto found = properties.find(sdbus::PropertyName{name});
    return found == properties.end() ? Kind{} : found->second.get<Kind>();
}

std::optional<Clock::time_point> time_of(std::uint64_t usec)
{
    return usec == 0 ? std::nullopt : std::optional{Clock::time_point{std::chrono::microseconds{usec}}};
}

template <std::size_t Count, typename Value>
std::optional<Value> named(const std::array<Value, Count> &values, const std::string &word)
{
    const auto found = std::ranges::find(values, word, [](Value value) { return std::string{to_string(value)}; });
    return found == values.end() ? std::nullopt : std::optional{*found};
}

Activity activity_of(const Properties &job)
{
    Activity activity{.invocation_id = of<std::string>(job, "InvocationID"),
                      .started = time_of(of<std::uint64_t>(job, "StartedTimestamp")).value_or(Clock::time_point{}),
                      .phase = named(phases, of<std::string>(job, "Phase")).value_or(Phase::start),
                      .repository = of<std::string>(job, "Repository")};
    if (const auto elapsed = of<std::uint64_t>(job, "SecondsElapsed"), bytes = of<std::uint64_t>(job, "BytesDone");
        elapsed + bytes > 0)
        activity.progress = Progress{.seconds_elapsed = elapsed,
                                     .seconds_remaining = of<std::uint64_t>(job, "SecondsRemaining"),
                                     .percent_done = of<double>(job, "PercentDone"),
                                     .total_files = of<std::uint64_t>(job, "TotalFiles"),
                                     .files_done = of<std::uint64_t>(job, "FilesDone"),
                                     .total_bytes = of<std::uint64_t>(job, "TotalBytes"),
                                     .bytes_done = bytes,
                                     .error_count = of<std::uint64_t>(job, "ErrorCount")};
    return activity;
}

/// "igotchuu@INSTANCE.service"
std::string instance_in(const std::string &unit)
{
    const auto from = unit.find('@') + 1;
    return unit.substr(from, unit.rfind('.') - from);
}

RepositoryResult retention_of(const RetentionRow &row)
{
    const auto &[repository, hold, kept, planned, removed] = row;
    return {.repository = repository,
            .retention = Retention{.kept = static_cast<std::uint32_t>(kept),
                                   .planned = static_cast<std::uint32_t>(planned),
                                   .removed = static_cast<std::uint32_t>(removed),
                                   .hold = named(holds, hold).value_or(Hold::none)}};
}

LastProven proven_of(const ProvenRow &row)
{
    const auto &[repository, proven, instant, snapshot_id, extent, files, bytes, restored] = row;
    return {.repository = repository,
            .snapshot_id = snapshot_id,
            .instant = time_of(instant).value_or(Clock::time_point{}),
            .proven = time_of(proven).value_or(Clock::time_point{}),
            .extent = named(extents, extent).value_or(Extent::sample),
            .files = files,
            .bytes = bytes,
            .restored = restored};
}

/// Nothing: there were but tries.
std::optional<Run> ran_of(const RanRow &row)
{
    const auto &[result, invocation_id, started, ended] = row;
    const auto outcome = named(outcomes, result);
    if (!outcome || outcome == Outcome::not_now)
        return {};
    return Run{.invocation_id = invocation_id,
               .started = time_of(started).value_or(Clock::time_point{}),
               .ended = time_of(ended).value_or(Clock::time_point{}),
               .outcome = *outcome};
}

Standing standing_of(const Properties &job)
{
    constexpr std::array doings{Doing::idle, Doing::waiting, Doing::starting, Doing::running, Doing::stopping};
    Standing standing{.name = of<std::string>(job, "Name"),
                      .instance = instance_in(of<std::string>(job, "Unit")),
                      .has_file = of<bool>(job, "Configured"),
                      .doing = named(doings, of<std::string>(job, "State")).value_or(Doing::idle),
                      .outcome = named(outcomes, of<std::string>(job, "LastResult")),
                      .started = time_of(of<std::uint64_t>(job, "LastStartedTimestamp")).value_or(Clock::time_point{}),
                      .ended = time_of(of<std::uint64_t>(job, "LastEndedTimestamp")).value_or(Clock::time_point{}),
                      .invocation_id = of<std::string>(job, "LastInvocationID"),
                      .last_success = time_of(of<std::uint64_t>(job, "LastSuccessTimestamp"))};
    if (standing.outcome == Outcome::not_now)
        standing.ran = ran_of(of<RanRow>(job, "LastRan"));
    if (!of<std::string>(job, "Phase").empty())
        standing.activity = activity_of(job);
    for (const auto &row : of<std::vector<ProvenRow>>(job, "LastProven"))
        standing.proven.push_back(proven_of(row));
    standing.last_proven = proven_everywhere(standing.proven, standing.repositories);
    for (const auto &row : of<std::vector<RetentionRow>>(job, "LastRetention"))
        standing.retentions.push_back(retention_of(row));
    return standing;
}

} // namespace

Igotchuud::Igotchuud()
    : bus_{asked(connect)}, manager_{sdbus::createProxy(*bus_, service, sdbus::ObjectPath{"/com/nyantec/igotchuu"})}
{
}

std::vector<Standing> Igotchuud::jobs()
{
    const auto objects = asked([&] {
        Objects all;
        manager_->callMethod("GetManagedObjects")
            .onInterface("org.freedesktop.DBus.ObjectManager")
            .withTimeout(soon)
            .storeResultsTo(all);
        return all;
    });
    std::vector<Standing> jobs;
    for (const auto &[path, interfaces] : objects)
        if (const auto found = interfaces.find(job_interface); found != interfaces.end())
            jobs.push_back(standing_of(found->second));
    return jobs;
}

void Igotchuud::start(const std::string &job)
{
    asked([&] { manager_->callMethod("Start").onInterface(manager_interface).withTimeout(of_a_person).withArguments(job); });
}

void Igotchuud::stop(const std::string &job)
{
    asked([&] {
        sdbus::ObjectPath object;
        manager_->callMethod("GetJob").onInterface(manager_interface).withTimeout(soon).withArguments(job).storeResultsTo(object);
        sdbus::createProxy(*bus_, service, object)->callMethod("Stop").onInterface(job_interface).withTimeout(of_a_person);
    });
}

void Igotchuud::reload()
{
    asked([&] { manager_->callMethod("Reload").onInterface(manager_interface).withTimeout(of_a_person); });
}

} // namespace igotchuu
