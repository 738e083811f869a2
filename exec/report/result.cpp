// SPDX-License-Identifier: MIT
#include "exec/report/result.hpp"

#include "exec/report/message-id.hpp"
#include "job/amount.hpp"
#include "job/diagnostic.hpp"

#include <syslog.h>

#include <algorithm>
#include <array>
#include <format>
#include <iterator>
#include <utility>

namespace igotchuu
{
namespace
{

std::chrono::microseconds duration_of(const Run &run)
{
    return std::chrono::duration_cast<std::chrono::microseconds>(run.ended - run.started);
}

std::string short_id(const Summary &summary)
{
    return summary.snapshot_id.substr(0, 8); // as restic shows it
}

std::string in_snapshot(const Summary &summary)
{
    return summary.snapshot_id.empty() ? "no new snapshot" : "snapshot " + short_id(summary);
}

/// "5,210 files (1.2 GiB), 312 new or changed, 12.3 MiB added to nas"
std::string amounts(const RepositoryResult &result)
{
    const Summary &summary = result.summary;
    if (result.unchanged_since)
        return std::format("nothing has changed since the backup of {} to {}", time_text(*result.unchanged_since),
                           printable(result.repository));
    return std::format("{} ({}), {} new or changed, {} added to {}", counted(summary.total_files_processed, "file", "files"),
                       bytes_text(summary.total_bytes_processed), number_text(summary.files_new + summary.files_changed),
                       bytes_text(summary.data_added), printable(result.repository));
}

/// ", 2 old snapshots removed"
std::string forgotten(const RepositoryResult &result)
{
    if (!result.retention || (result.retention->hold == Hold::none && result.retention->removed == 0))
        return {};
    if (result.retention->hold == Hold::none)
        return std::format(", {} removed", counted(result.retention->removed, "old snapshot", "old snapshots"));
    const std::string_view how = result.retention->hold == Hold::locked ? "go with one of the next runs" : "are held";
    return result.retention->why.empty() ? std::format(", old snapshots {}", how)
                                         : std::format(", old snapshots {} ({})", how, result.retention->why);
}

std::string unreadable(std::uint64_t errors)
{
    return errors == 0 ? std::string{} : std::format(" ({} could not be read)", counted(errors, "file", "files"));
}

std::string because(const std::string &message)
{
    return message.empty() ? std::string{} : ": " + message;
}

/// Why the run did not succeed: its own message, else that of the first repository which did not.
std::string reason(const Run &run)
{
    if (!run.message.empty())
        return run.message;
    const auto unlucky = std::ranges::find_if(run.repositories, [](const auto &one) { return one.outcome != Outcome::success; });
    return unlucky == run.repositories.end() ? std::string{} : unlucky->message;
}

std::string completed(const Run &run)
{
    const std::string time = duration_text(duration_of(run));
    if (run.repositories.size() == 1)
        return std::format("{}{}, in {} ({})", amounts(run.repositories.front()), forgotten(run.repositories.front()), time,
                           in_snapshot(run.repositories.front().summary));
    std::string held;
    for (const auto &result : run.repositories)
        if (result.retention && result.retention->hold != Hold::none)
            held += std::format("; in {}{}", printable(result.repository), forgotten(result).substr(1));
    const auto unchanged =
        std::ranges::count_if(run.repositories, [](const auto &result) { return result.unchanged_since.has_value(); });
    const auto current = unchanged == 0 ? std::string{} : std::format("; nothing has changed in {} of them", unchanged);
    return std::format("in {}, in {}{}{}", counted(run.repositories.size(), "repository", "repositories"), time, current, held);
}

/// A run whose retention failed misses nothing.
std::string_view the_rest(const RepositoryResult &result)
{
    return result.retention && result.retention->hold == Hold::failed ? "all files" : "the rest";
}

std::string partly(const Run &run)
{
    if (run.repositories.size() != 1)
        return {};
    const RepositoryResult &result = run.repositories.front();
    return std::format("{}; {} holds {}", unreadable(result.errors), in_snapshot(result.summary), the_rest(result));
}

} // namespace

OutcomeEntry entry_of(Outcome outcome)
{
    switch (outcome) {
    case Outcome::success:
        return {LOG_INFO, message_id::backup_completed, Tone::good};
    case Outcome::pending:
        return {LOG_NOTICE, message_id::backup_pending, Tone::warning};
    case Outcome::partial:
        return {LOG_WARNING, message_id::backup_partial, Tone::warning};
    case Outcome::stopped:
        return {LOG_NOTICE, message_id::backup_stopped, Tone::warning};
    case Outcome::failed:
        return {LOG_ERR, message_id::backup_failed, Tone::bad};
    case Outcome::disproved:
        return {LOG_ERR, message_id::backup_disproved, Tone::bad};
    case Outcome::killed:
        return {LOG_ERR, message_id::backup_killed, Tone::bad};
    case Outcome::bad_configuration:
        return {LOG_ERR, message_id::bad_configuration, Tone::bad};
    case Outcome::not_now:
        return {LOG_NOTICE, message_id::backup_put_off, Tone::warning};
    }
    std::unreachable();
}

std::string result_sentence(std::string_view name, const Run &run)
{
    switch (run.outcome) {
    case Outcome::success:
        return std::format("Backup of {} complete: {}", name, completed(run));
    case Outcome::pending:
        return std::format("Backup of {} is pending{}", name, because(reason(run)));
    case Outcome::partial:
        return std::format("Backup of {} is partial{}{}", name, because(reason(run)), partly(run));
    case Outcome::stopped:
        return std::format("Backup of {} stopped, as was asked, after {}{}", name, duration_text(duration_of(run)),
                           because(run.message));
    case Outcome::failed:
        return std::format("Backup of {} failed after {}{}", name, duration_text(duration_of(run)), because(reason(run)));
    case Outcome::disproved:
        return std::format("Backup of {} is disproved{}", name, because(reason(run)));
    case Outcome::killed:
        return std::format("Backup of {} was killed{}", name, because(run.message));
    case Outcome::bad_configuration:
        return std::format("Backup of {} cannot start{}", name, because(run.message));
    case Outcome::not_now:
        return std::format("Backup of {} cannot run now{}", name, because(reason(run)));
    }
    std::unreachable();
}

std::string public_sentence(std::string_view name, Run run)
{
    run.message.clear();
    for (RepositoryResult &result : run.repositories) {
        result.message.clear();
        if (result.retention)
            result.retention->why.clear();
        if (result.proof)
            result.proof->why.clear();
    }
    return result_sentence(name, run);
}

std::string result_sentence(std::string_view name, const RepositoryResult &result)
{
    const std::string where = printable(result.repository);
    switch (result.outcome) {
    case Outcome::success:
        return std::format("Backup of {} to {}: {}{} ({})", name, where, amounts(result), forgotten(result),
                           in_snapshot(result.summary));
    case Outcome::partial:
        return std::format("Backup of {} to {} is partial{}{}; {} holds {}", name, where, because(result.message),
                           unreadable(result.errors), in_snapshot(result.summary), the_rest(result));
    default:
        return std::format("Backup of {} to {}: {}{}", name, where, to_string(result.outcome), because(result.message));
    }
}

OutcomeEntry entry_of(const Retention &retention)
{
    if (retention.hold == Hold::none)
        return {LOG_INFO, message_id::old_forgotten, Tone::plain};
    if (retention.hold == Hold::locked)
        return {LOG_NOTICE, message_id::retention_put_off, Tone::plain};
    if (retention.hold == Hold::failed)
        return {LOG_WARNING, message_id::retention_failed, Tone::warning};
    return {LOG_WARNING, message_id::retention_held, Tone::warning};
}

std::string retention_sentence(std::string_view name, std::string_view repository, const Retention &retention)
{
    const std::string where = printable(repository);
    if (retention.hold == Hold::failed)
        return std::format("Old snapshots of {} could not be removed from {}: {}{}", name, where, retention.why,
                           retention.removed == 0 ? "" : std::format("; {} of {} were", retention.removed, retention.planned));
    if (retention.hold == Hold::locked)
        return std::format("Old snapshots of {} in {} go with one of the next runs: {}; {} of {} were removed", name, where,
                           retention.why, retention.removed, retention.planned);
    if (retention.hold != Hold::none)
        return std::format("No old snapshot of {} is removed from {}: {}. {} would go; to see which: igotchuu retention {}", name,
                           where, retention.why, retention.planned, name);
    if (retention.removed == 0)
        return {};
    return std::format("Removed {} of {} from {}; {} {}", counted(retention.removed, "old snapshot", "old snapshots"), name, where,
                       retention.kept, retention.kept == 1 ? "stays" : "stay");
}

OutcomeEntry entry_of(const Proof &proof)
{
    switch (proof.finding) {
    case Finding::proven:
        return {LOG_INFO, message_id::backup_proven, Tone::good};
    case Finding::unproven:
        return {LOG_NOTICE, message_id::backup_unproven, Tone::warning};
    case Finding::disproved:
        return {LOG_ERR, message_id::backup_disproved, Tone::bad};
    }
    std::unreachable();
}

namespace
{

/// "5,210 files (1.2 GiB) are as in the source, 20 of them restored"
std::string compared(const Proof &proof)
{
    if (proof.extent != Extent::full)
        return std::format("{} restored, as in the source", counted(proof.restored, "file", "files"));
    return std::format("{} ({}) {} as in the source, {} of them restored", counted(proof.files, "file", "files"),
                       bytes_text(proof.bytes), proof.files == 1 ? "is" : "are", number_text(proof.restored));
}

} // namespace

std::string proof_sentence(std::string_view name, std::string_view repository, const Proof &proof)
{
    const std::string where = printable(repository);
    switch (proof.finding) {
    case Finding::proven:
        return std::format("Backup of {} in {} is proven: {}", name, where, compared(proof));
    case Finding::unproven:
        return std::format("Backup of {} in {} stands, and is not proven{}", name, where, because(proof.why));
    case Finding::disproved:
        return std::format("Backup of {} in {} is disproved{}", name, where, because(proof.why));
    }
    std::unreachable();
}

std::vector<std::string> result_table(const Run &run)
{
    std::vector<std::string> lines;
    for (const RepositoryResult &result : run.repositories) {
        const Summary &summary = result.summary;
        if (summary.snapshot_id.empty())
            continue;
        lines.push_back(std::format("  snapshot  {} in {}", short_id(summary), printable(result.repository)));
        lines.push_back(std::format("  files     {} ({}), {} new, {} changed", number_text(summary.total_files_processed),
                                    bytes_text(summary.total_bytes_processed), number_text(summary.files_new),
                                    number_text(summary.files_changed)));
        lines.push_back(std::format("  added     {}", bytes_text(summary.data_added)));
        if (result.proof)
            lines.push_back(result.proof->finding == Finding::proven ? std::format("  proven    {}", compared(*result.proof))
                                                                     : std::format("  proven    no{}", because(result.proof->why)));
        if (result.retention)
            lines.push_back(std::format("  old       {} removed, {} kept", result.retention->removed,
                                        result.retention->kept + result.retention->planned - result.retention->removed));
    }
    std::string steps;
    for (const Phase phase : {Phase::snapshot, Phase::mount, Phase::restic, Phase::prove, Phase::release, Phase::forget})
        if (const auto took = run.phases[std::to_underlying(phase)]; took.count() > 0)
            steps += std::format("{}{} {}", steps.empty() ? ": " : ", ", to_string(phase), duration_text(took));
    lines.push_back(std::format("  time      {}{}", duration_text(duration_of(run)), steps));
    return lines;
}

Fields result_fields(const Retention &retention)
{
    return {{"IGOTCHUU_HOLD", std::string{to_string(retention.hold)}},
            {"IGOTCHUU_SNAPSHOTS_KEPT", std::to_string(retention.kept)},
            {"IGOTCHUU_SNAPSHOTS_PLANNED", std::to_string(retention.planned)},
            {"IGOTCHUU_SNAPSHOTS_REMOVED", std::to_string(retention.removed)}};
}

Fields result_fields(const Proof &proof)
{
    return {{"IGOTCHUU_PROOF", std::string{to_string(proof.finding)}},
            {"IGOTCHUU_PROOF_EXTENT", std::string{to_string(proof.extent)}},
            {"IGOTCHUU_PROOF_FILES", std::to_string(proof.files)},
            {"IGOTCHUU_PROOF_BYTES", std::to_string(proof.bytes)},
            {"IGOTCHUU_PROOF_RESTORED", std::to_string(proof.restored)}};
}

Fields result_fields(const RepositoryResult &result)
{
    const Summary &summary = result.summary;
    Fields fields{{"IGOTCHUU_REPOSITORY", result.repository},
                  {"IGOTCHUU_OUTCOME", std::string{to_string(result.outcome)}},
                  {"IGOTCHUU_SNAPSHOT_ID", summary.snapshot_id},
                  {"IGOTCHUU_ERRORS", std::to_string(result.errors)},
                  {"IGOTCHUU_FILES_NEW", std::to_string(summary.files_new)},
                  {"IGOTCHUU_FILES_CHANGED", std::to_string(summary.files_changed)},
                  {"IGOTCHUU_FILES_UNMODIFIED", std::to_string(summary.files_unmodified)},
                  {"IGOTCHUU_DIRS_NEW", std::to_string(summary.dirs_new)},
                  {"IGOTCHUU_DIRS_CHANGED", std::to_string(summary.dirs_changed)},
                  {"IGOTCHUU_DIRS_UNMODIFIED", std::to_string(summary.dirs_unmodified)},
                  {"IGOTCHUU_DATA_BLOBS", std::to_string(summary.data_blobs)},
                  {"IGOTCHUU_TREE_BLOBS", std::to_string(summary.tree_blobs)},
                  {"IGOTCHUU_DATA_ADDED", std::to_string(summary.data_added)},
                  {"IGOTCHUU_FILES_PROCESSED", std::to_string(summary.total_files_processed)},
                  {"IGOTCHUU_BYTES_PROCESSED", std::to_string(summary.total_bytes_processed)}};
    if (result.unchanged_since)
        fields.emplace_back(
            "IGOTCHUU_UNCHANGED_SINCE_USEC",
            std::to_string(
                std::chrono::duration_cast<std::chrono::microseconds>(result.unchanged_since->time_since_epoch()).count()));
    if (result.retention)
        std::ranges::copy(result_fields(*result.retention), std::back_inserter(fields));
    if (result.proof)
        std::ranges::copy(result_fields(*result.proof), std::back_inserter(fields));
    return fields;
}

Fields result_fields(const Run &run)
{
    Fields fields;
    if (run.repositories.size() == 1)
        fields = result_fields(run.repositories.front());
    std::erase_if(fields, [](const auto &field) { return field.first == "IGOTCHUU_OUTCOME"; }); // the run's own may be worse
    fields.emplace_back("IGOTCHUU_OUTCOME", to_string(run.outcome));
    fields.emplace_back("IGOTCHUU_DURATION_USEC", std::to_string(duration_of(run).count()));
    fields.emplace_back("IGOTCHUU_SNAPSHOTS", std::to_string(run.snapshots));
    fields.emplace_back("IGOTCHUU_READ_ONLY_LEFT_OUT", std::to_string(run.read_only_left_out));
    fields.emplace_back("IGOTCHUU_INSTANTS", std::to_string(run.instants));
    fields.emplace_back("IGOTCHUU_WINDOW_USEC", std::to_string(run.window.count()));
    fields.emplace_back("IGOTCHUU_HOLD_WINDOW_USEC", std::to_string(run.hold_window.count()));
    fields.emplace_back("IGOTCHUU_RESTIC_STARTS", std::to_string(run.restic_starts));
    constexpr std::array<const char *, phase_count> names{"START",  "LOCK",  "REAP",    "SNAPSHOT", "MOUNT",
                                                          "RESTIC", "PROVE", "RELEASE", "FORGET"};
    for (std::size_t phase = 0; phase < phase_count; ++phase)
        fields.emplace_back(std::format("IGOTCHUU_PHASE_{}_USEC", names[phase]), std::to_string(run.phases[phase].count()));
    return fields;
}

} // namespace igotchuu
