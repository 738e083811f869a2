// SPDX-License-Identifier: MIT
#pragma once

#include "job/configuration.hpp"

#include <string>
#include <vector>

namespace igotchuu
{

/// What there is to say about configuration files.
struct Diagnosis {
    std::vector<Diagnostic> faults, warnings; ///< each once, those of one file together, by line

    void add(const Diagnosis &more);
};

/// About all files: defaults.toml, jobs, repositories, notify.toml. Throws std::system_error when their directories cannot be read.
[[nodiscard]] Diagnosis diagnose_all(const SearchPath &path);

/// About one. Whether it is a repository, notify.toml or a job is told by where it is; one that is not where igotchuu looks for files is taken as if it were. A drop-in
/// stands for the file that it belongs to.
[[nodiscard]] Diagnosis diagnose(const SearchPath &path, const std::string &file);

} // namespace igotchuu
