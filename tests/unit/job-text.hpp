// SPDX-License-Identifier: MIT
#pragma once

#include "job/load.hpp"
#include "tests/unit/little-root.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace igotchuu::test
{

using Strings = std::vector<std::string>;

/// The faults that keep the job from being loaded, one a line; "" when it is sound.
inline std::string faults(const SearchPath &path, std::string_view instance)
try {
    static_cast<void>(load_job(path, instance));
    return {};
} catch (const ConfigError &error) {
    return error.what();
}

/// The faults of a job file with this text.
inline std::string faults_of(std::string_view text)
{
    const LittleRoot root;
    root.write("/etc/igotchuu/jobs/a.toml", text);
    return faults(root.search_path(), "a");
}

inline Job job_of(std::string_view text)
{
    const LittleRoot root;
    root.write("/etc/igotchuu/jobs/a.toml", text);
    return load_job(root.search_path(), "a");
}

inline constexpr std::string_view sound = "sources = [\"/home\"]\n";
inline constexpr std::string_view nas = "location = \"sftp:backup@nas:/srv/restic\"\npassword-credential = \"nas\"\n";

inline std::string with(std::string_view line)
{
    return std::string{sound} + std::string{line};
}

} // namespace igotchuu::test
