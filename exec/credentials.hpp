// SPDX-License-Identifier: MIT
#pragma once

#include "exec/namespace.hpp"
#include "exec/stop.hpp"
#include "job/job.hpp"

#include <optional>
#include <span>
#include <string>

namespace igotchuu
{

/// Whose credentials are asked for.
struct CredentialRequest {
    const std::string &instance; ///< of the job, or what else tells two runs apart that may ask at the same time
    std::span<const Repository> repositories;
    std::span<const UnitSetting> service{}; ///< the job's own lines of [Service]; they come last, and win
};

/// The directory in which the credentials of these repositories are: the one that systemd gave to this unit. By hand there is none; then it is one in
/// `scratch`, and transient units with the very lines of the unit hand over what is to be in it: a credential may be sealed, and is
/// opened by PID 1 alone. systemd-run(1), systemd.exec(5). Throws Failure when one of them fails, and Cancelled.
[[nodiscard]] std::string gather_credentials(const CredentialRequest &request, const Scratch &scratch, const StopRequest &stop);

/// The same for what mounts nothing else: by hand, and where there are credentials, in a mount namespace of its own.
class Credentials
{
public:
    Credentials(const CredentialRequest &request, const StopRequest &stop);
    [[nodiscard]] const std::string &directory() const noexcept { return directory_; } ///< empty: there is none, and none is needed

private:
    std::optional<Scratch> scratch_;
    std::string directory_;
};

} // namespace igotchuu
