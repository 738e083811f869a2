// SPDX-License-Identifier: MIT
#pragma once

#include "cli/exec-process.hpp"
#include "cli/stop-signals.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace igotchuu
{

/// Which repositories are meant: those of a job, one of them, one by its name, or one of which nothing is configured on this machine.
struct RepositoryChoice {
    std::string job{}; ///< as it was typed
    std::string repository{}; ///< a name, or a location as restic has it ("sftp:…", "/mnt/…")
    std::string password_file{}; ///< of a location: instead of asking on the terminal
};
/// --repository and --password-file.
void add_repository_options(CLI::App &verb, RepositoryChoice &choice);

/// A talk with `igotchuu-exec retrieve`, igotchuu-exec(8): one request, and what comes of it.
class Retrieval
{
public:
    /// `request`: its verb, and what that takes. Asks for the password where that is needed. Throws UsageError, Failure and std::system_error.
    Retrieval(const RepositoryChoice &choice, nlohmann::json request);
    /// The next message; nothing: there are no more. The password of an address in its "repository" is "***". Said on standard error, and kept in troubles() and alike(): a
    /// repository that cannot be looked into, or not into all of it; and a path by which several names are listed, since they are no UTF-8.
    [[nodiscard]] std::optional<nlohmann::json> next();
    void tell(const nlohmann::json &message);
    [[nodiscard]] int wait() { return exec_.wait(); } ///< the exit status
    [[nodiscard]] const nlohmann::json &troubles() const noexcept { return troubles_; }
    [[nodiscard]] const nlohmann::json &alike() const noexcept { return alike_; }
    [[nodiscard]] const StopSignals &stop() const noexcept { return stop_; }

private:
    StopSignals stop_;
    ExecProcess exec_;
    nlohmann::json troubles_ = nlohmann::json::array(), alike_ = nlohmann::json::array();
};

} // namespace igotchuu
