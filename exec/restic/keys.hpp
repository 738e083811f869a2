// SPDX-License-Identifier: MIT
#pragma once

#include "exec/restic/start.hpp"
#include "job/error.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu::restic
{

// What `igotchuu-exec init`, and a maintenance, ask of restic about keys. All of these throw Cancelled when asked to stop, and Failure with a sentence for what goes
// wrong; a repository that does not answer within its answer_timeout is such a failure.

/// The password opens no key of the repository.
struct WrongPassword : Failure {
    using Failure::Failure;
};

/// The repository's own id, of its config; nothing: there is no repository. Throws WrongPassword, too.
[[nodiscard]] std::optional<std::string> repository_id(const Starter &starter, const Access &access);

/// Makes the repository; returns its id. restic itself refuses to make one where there is a config or a key already.
[[nodiscard]] std::string make_repository(const Starter &starter, const Access &access);

/// One of its keys, each of which has a password of its own.
struct Key {
    std::string id; ///< 64 hexadecimal digits
    std::string user, host, created; ///< as restic was told, and tells: "2026-11-26 06:28:17", of the machine's zone
    bool current = false; ///< it is the one that this start of restic has opened the repository with
};
[[nodiscard]] std::vector<Key> keys(const Starter &starter, const Access &access);

inline constexpr std::string_view recovery_user = "igotchuu-recovery"; ///< of each recovery key
/// Those of them that are recovery keys, the oldest first.
[[nodiscard]] std::vector<Key> recovery_keys(std::vector<Key> keys);

/// Adds one with this password; returns its id.
[[nodiscard]] std::string add_key(const Starter &starter, const Access &access, const Confidential &password,
                                  std::string_view user);
/// The repository is locked for it. Not the one that `access` opens it with.
void remove_key(const Starter &starter, const Access &access, const std::string &id);

/// What `restic key list --json` has printed. Throws Failure when it is not that.
[[nodiscard]] std::vector<Key> parse_keys(std::string_view json);

} // namespace igotchuu::restic
