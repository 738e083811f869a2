// SPDX-License-Identifier: MIT
#pragma once

#include "exec/report/journal.hpp"
#include "exec/report/terminal.hpp"
#include "job/state.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace igotchuu
{

// What came of a run, in words and fields. `name` is the job's, printable.

/// What the journal calls an outcome: syslog(3) priority and message id.
struct OutcomeEntry {
    int priority;
    std::string_view message_id;
    Tone tone;
};
[[nodiscard]] OutcomeEntry entry_of(Outcome outcome);
[[nodiscard]] OutcomeEntry entry_of(const Retention &retention);
[[nodiscard]] OutcomeEntry entry_of(const Proof &proof);

/// "Backup of home complete: 5,210 files (1.2 GiB), 312 new or changed, 12.3 MiB added to nas, in 4.2 s (snapshot 1a2b3c4d)"
[[nodiscard]] std::string result_sentence(std::string_view name, const Run &run);
/// The same without the reason, which may name files or say what restic said: systemd tells STATUS= to everybody.
[[nodiscard]] std::string public_sentence(std::string_view name, Run run);
/// The same for one of several repositories.
[[nodiscard]] std::string result_sentence(std::string_view name, const RepositoryResult &result);

/// "Removed 2 old snapshots of home from nas; 14 stay"; what is held or has failed, with the remedy. Empty: there was nothing to do.
[[nodiscard]] std::string retention_sentence(std::string_view name, std::string_view repository, const Retention &retention);

/// "Backup of home in nas is proven: 5,210 files (1.2 GiB) are as in the source, 20 of them were restored"; or that it is not, and why.
[[nodiscard]] std::string proof_sentence(std::string_view name, std::string_view repository, const Proof &proof);

/// What a terminal shows below the sentence: a table of a few lines.
[[nodiscard]] std::vector<std::string> result_table(const Run &run);

/// All numbers of the run; those of the repository, too, when it is one alone.
[[nodiscard]] Fields result_fields(const Run &run);
[[nodiscard]] Fields result_fields(const RepositoryResult &result);
[[nodiscard]] Fields result_fields(const Retention &retention);
[[nodiscard]] Fields result_fields(const Proof &proof);

} // namespace igotchuu
