// SPDX-License-Identifier: MIT
#pragma once

#include "job/load.hpp"
#include "job/toml-values.hpp"

#include <map>
#include <optional>

namespace igotchuu
{

/// What all jobs share, read once: defaults.toml and, at first use, the repositories. Its faults are every job's faults.
class Configuration
{
public:
    explicit Configuration(const SearchPath &path);
    Configuration(const Configuration &) = delete; // its values point into its file names
    Configuration &operator=(const Configuration &) = delete;

    [[nodiscard]] std::expected<Job, ConfigError> job(const FoundFile &file, std::string instance);
    [[nodiscard]] std::expected<Job, ConfigError> implicit_job(); ///< without name, instance and source
    [[nodiscard]] LoadedRepository repository(const FoundFile &file) const; ///< without its instance

private:
    struct ReadRepository {
        Repository repository;
        std::vector<Diagnostic> faults, warnings;
    };

    void read_defaults();
    std::expected<Job, ConfigError> make(const Values &values, Job job, Findings findings);
    void resolve(const Values &values, Job &job, std::vector<Diagnostic> &faults);
    const ReadRepository *repository(const std::string &name);
    ReadRepository load(const FoundFile &file) const;
    [[nodiscard]] std::string no_such_repository(const std::string &name) const;

    const SearchPath &path_;
    std::optional<FoundFile> defaults_file_;
    Values defaults_;
    Findings shared_;
    std::vector<FoundFile> repository_files_, masked_repositories_;
    std::map<std::string, ReadRepository> repositories_;
};

/// The defaults of the schema, as the lowest layer.
[[nodiscard]] Values standard_values(std::span<const Key> keys);

/// Lays a file and its drop-ins over `values`; false when one of them could not be read.
bool read_layers(const SearchPath &path, const FoundFile &file, std::span<const Key> keys, Values &values, Findings &findings);

/// Files in the order of their first fault, their faults in the order of the lines. Nobody reads ten thousand of them, and the generator, which
/// is on the boot path, has to log them.
void put_in_order(std::vector<Diagnostic> &faults);

/// The places where find_files() would find a file of this kind and name, for a message.
[[nodiscard]] std::string candidates(const SearchPath &path, std::string_view kind, std::string_view name);

} // namespace igotchuu
