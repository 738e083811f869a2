// SPDX-License-Identifier: MIT
#pragma once

#include "exec/restic/features.hpp"
#include "exec/restic/installation.hpp"
#include "exec/restic/secret.hpp"
#include "job/fd.hpp"
#include "job/job.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace igotchuu::restic
{

/// A file for what an ssh says, which goes with this object. restic itself closes the pipe before it has read all of it, every other time (0.18).
class SshLog
{
public:
    SshLog() = default;
    explicit SshLog(
        std::string path); ///< in the cache, where restic's ssh may write. Without it a backup goes on: only words are lost
    SshLog(SshLog &&other) noexcept : file_{std::move(other.file_)}, path_{std::exchange(other.path_, {})} {}
    SshLog &operator=(SshLog &&other) noexcept;
    ~SshLog();
    [[nodiscard]] const std::string &path() const noexcept { return path_; } ///< empty: there is none
    [[nodiscard]] std::string more() const; ///< since this was last asked

private:
    Fd file_;
    std::string path_;
};

/// What every start of restic on a repository needs beside its verb: the one place where a repository becomes arguments, an environment and
/// secrets. Location and password are in sealed memory; a value of the environment is in this process and in restic's environment, since
/// restic takes it no other way.
class Access
{
public:
    /// Gathers the secrets, while services of the system are within reach: a password's command is run by PID 1. Throws Failure, which names the
    /// file, credential or program that there is not, or Cancelled.
    Access(const Repository &repository, const std::string &instance, const Installation &installation, const StopRequest &stop);
    /// The same with another password than the one that the repository names, which need not be there.
    Access(const Repository &repository, const std::string &instance, const Installation &installation, const StopRequest &stop,
           const Confidential &password);

    [[nodiscard]] const Repository &repository() const noexcept { return repository_; }
    /// What stands between "restic" and the verb. No secret is in it.
    [[nodiscard]] std::vector<std::string> arguments() const;
    /// All of restic's environment. Location and password are descriptors, which restic has to inherit.
    [[nodiscard]] std::vector<std::string> environment(const Features &features) const;
    /// "NAME=value", beside those that the repository names.
    void take_variables(const std::vector<std::string> &variables)
    {
        variables_.insert(variables_.end(), variables.begin(), variables.end());
    }
    /// What its ssh has said since this was last asked, line by line.
    [[nodiscard]] std::string said_by_ssh() const { return ssh_log_.more(); }
    [[nodiscard]] std::vector<int> inherited() const { return {location_.get(), password_.get()}; }

private:
    Access(const Repository &repository, const std::string &instance, const Installation &installation, const Secrets &secrets,
           Fd password);
    void take_location(const Secrets &secrets);
    [[nodiscard]] bool has_own_ssh() const;
    [[nodiscard]] std::optional<std::string> ssh_arguments() const;

    const Repository &repository_;
    std::string cache_directory_, scheme_; ///< "sftp"; of a path empty
    Fd location_, password_;
    SshLog ssh_log_;
    std::string identity_, known_hosts_; ///< paths
    std::vector<std::string> variables_; ///< "NAME=value"
};

/// An option as the value of restic's --option: that takes a line of CSV, and each of its fields for an option (spf13/pflag, string_slice.go).
[[nodiscard]] std::string option_field(const std::string &option);

/// Files that restic, or a program of its, reads by path while it works.
[[nodiscard]] std::vector<std::string> files_of(const Repository &repository);

} // namespace igotchuu::restic
