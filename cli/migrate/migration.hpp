// SPDX-License-Identifier: MIT
#pragma once

#include "job/job.hpp"
#include "job/toml-values.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace igotchuu::migrate
{

/// Where another program backs up to. Its repository has no name yet, and what is secret no credential.
struct Target {
    Repository repository;
    std::string location_file; ///< a file that says it
    std::string password; ///< where it stands in the open
    std::vector<std::pair<std::string, std::string>> variables; ///< of restic's environment, by their values

    friend bool operator==(const Target &, const Target &) = default;
};

struct Found {
    Job job; ///< without repositories
    std::optional<Target> target{}; ///< nothing: it cannot be carried over
};

/// What the configuration of another program comes to. With a fault nothing may be written; the warnings say what is left out, and what is to be known.
struct Migration {
    std::vector<Found> found{};
    Findings findings{};
};

/// A file of another program's; both outlive what is made of it.
struct Input {
    std::string file;
    std::string text;
};

/// What a job is called that the file gives no name: as the file, without its ending; `otherwise` where that is a pipe.
[[nodiscard]] std::string name_of(const Input &input, const std::string &otherwise);

void from_igotchuu(const Input &input, Migration &migration); ///< the first igotchuu: /etc/igotchuu.toml
void from_resticprofile(const Input &input, Migration &migration);
void from_borgmatic(const Input &input, Migration &migration);
/// A unit whose ExecStart= is `restic backup`; with `systemctl cat`, also its drop-ins and its timer in one text.
void from_systemd_restic(const Input &input, Migration &migration);

} // namespace igotchuu::migrate
