// SPDX-License-Identifier: MIT
#pragma once

#include "cli/igotchuud.hpp"
#include "cli/job-names.hpp"
#include "cli/overview.hpp"
#include "cli/systemd.hpp"
#include "job/state-files.hpp"

#include <optional>
#include <string>
#include <vector>

namespace igotchuu
{

/// What jobs do, and what came of their runs: from the files of their state, for who may read them (root and the group igotchuu), else from igotchuud; and from
/// systemd. What of these is not there is left out.
class Lookout
{
public:
    Lookout();

    /// All jobs: those with a file, and those without one that have run once. Throws std::system_error when the directories of jobs cannot be read.
    [[nodiscard]] std::vector<Standing> all();
    /// These, but for their files' faults and their schedules.
    [[nodiscard]] std::vector<Standing> of(const std::vector<JobName> &jobs);
    /// Whether what jobs do now could be asked for.
    [[nodiscard]] bool sees_runs() const noexcept { return reads_state_ ? systemd_.has_value() : igotchuud_.has_value(); }
    /// Why it does not see all: sentences.
    [[nodiscard]] const std::vector<std::string> &blind_spots() const noexcept { return blind_spots_; }

private:
    [[nodiscard]] std::vector<Standing> with_files() const;
    void add_without_files(std::vector<Standing> &standings) const;
    [[nodiscard]] std::vector<Standing> told_by_igotchuud();
    void see_runs(std::vector<Standing> &standings, const std::vector<Standing> &told);
    void see_kept(Standing &standing);
    void see_run(Standing &standing, const std::vector<Systemd::Unit> &units);
    void see_failure(Standing &standing, const Record &record, const Systemd::Unit &unit);
    void see_schedules(std::vector<Standing> &standings);
    [[nodiscard]] bool is_true(const Activity &activity, const Systemd::Unit *unit);
    [[nodiscard]] std::string invocation_of(const Systemd::Unit &unit);
    [[nodiscard]] bool left_no_word(const Record &record, const Systemd::Unit &unit);
    template <typename Ask>
    [[nodiscard]] auto asked(const Ask &ask); ///< what systemd answers; an empty one when it does not

    StateDirectories where_;
    bool reads_state_;
    std::optional<Systemd> systemd_;
    std::optional<Igotchuud> igotchuud_;
    std::vector<std::string> blind_spots_;
};

} // namespace igotchuu
