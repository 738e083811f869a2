// SPDX-License-Identifier: MIT
#pragma once

#include "job/diagnostic.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace igotchuu
{

/// A line of a unit: `Key=value`, systemd.syntax(7). The value is in systemd's own language, specifiers and all, and reaches the unit as it is.
struct UnitSetting {
    std::string key;
    std::string value;

    friend bool operator==(const UnitSetting &, const UnitSetting &) = default;
};

/// The key `snapshot`, and its values in the same order.
enum class SnapshotMethod : std::uint8_t { automatic, btrfs, zfs, lvm_thin, command, none };
inline constexpr std::array<std::string_view, 6> snapshot_methods{"auto", "btrfs", "zfs", "lvm-thin", "command", "none"};
[[nodiscard]] constexpr std::string_view name_of(SnapshotMethod method)
{
    return snapshot_methods[static_cast<std::size_t>(method)];
}

/// Something that a repository needs and its file does not say, but where it is. At most one member is set.
struct Secret {
    std::string file; ///< absolute
    std::string credential; ///< a systemd credential's id
    std::vector<std::string> command; ///< prints it: an absolute path, and arguments

    [[nodiscard]] bool empty() const noexcept { return file.empty() && credential.empty() && command.empty(); }
    friend bool operator==(const Secret &, const Secret &) = default;
};

/// How a variable of restic's environment is told, `NAME.form = "…"`: by its value, which a credential or a file holds; or it is itself the path
/// of a file or of a credential.
enum class VariableForm : std::uint8_t { credential, file, credential_path, path };
inline constexpr std::array<std::string_view, 4> variable_forms{"credential", "file", "credential-path", "path"};
struct Variable {
    std::string name;
    VariableForm form;
    std::string where; ///< a credential's id, or an absolute path

    [[nodiscard]] bool is_credential() const noexcept
    {
        return form == VariableForm::credential || form == VariableForm::credential_path;
    }
    friend bool operator==(const Variable &, const Variable &) = default;
};

/// Where backups go. restic(1) "Preparing a new repository".
struct Repository {
    std::string name; ///< file stem
    std::string file; ///< the file that it came from; empty: the embedded default
    std::string location; ///< restic's own notation: a path, sftp:…, rest:…; may hold a password: show it by redacted() only
    Secret location_from; ///< a credential, where `location` is empty
    Secret password;
    std::string password_user; ///< who the password's command runs as
    std::vector<std::string> load_credentials, load_encrypted_credentials; ///< "ID:PATH", for the units
    Secret ssh_identity, ssh_known_hosts; ///< empty: root's own, of ssh_config(5)
    std::vector<Variable> environment;
    std::uint32_t limit_upload = 0, limit_download = 0; ///< KiB/s; 0: none
    std::uint32_t pack_size = 0; ///< MiB; 0: restic's own
    std::string compression; ///< empty: restic's own
    std::vector<std::string> options; ///< for restic's --option
    std::vector<std::string> restic_args; ///< for each start, verbatim
    static constexpr std::chrono::seconds standard_answer_timeout{600};
    std::chrono::seconds answer_timeout = standard_answer_timeout; ///< how long restic may take to open it

    /// The one repository that igotchuu may make unasked, with a key of its own making.
    [[nodiscard]] bool embedded() const noexcept { return file.empty(); }
    /// The directory of a repository on this machine, absolute and without a "local:" prefix; empty for a remote one.
    [[nodiscard]] std::string local_path() const;

    friend bool operator==(const Repository &, const Repository &) = default;
};
/// The ids of all credentials that it needs, each once.
[[nodiscard]] std::vector<std::string> credentials_of(const Repository &repository);

/// What to back up, from where, to where. Paths are bytes, absolute, normalised, without a slash at the end (but "/").
struct Job {
    std::string name; ///< the file's stem, bytes as they are
    std::string instance; ///< the unit's instance: igotchuu@INSTANCE.service
    std::string file; ///< the job file; empty: an implicit job, whose source is the path that the instance spells
    std::string description;
    std::vector<std::string> sources; ///< at least one
    std::vector<std::string> exclude; ///< restic's patterns
    bool exclude_caches = false;
    std::vector<Repository> repositories; ///< at least one, in the order in which they are served
    SnapshotMethod snapshot = SnapshotMethod::automatic;
    std::vector<std::string> live; ///< sources, and mount points below them, that are backed up without a snapshot
    std::vector<std::string> prepare,
        cleanup; ///< of SnapshotMethod::command: an argument list each, or a unit's name alone; cleanup may be empty
    std::vector<std::string> prepared; ///< what prepare makes, one directory a source that is not `live`; empty: it prints them
    std::string prepare_user; ///< of prepare and cleanup, where they are programs
    std::chrono::seconds prepare_timeout{}; ///< for each program: prepare, cleanup, before_snapshot
    std::vector<std::string> before_snapshot; ///< the key exec-before-snapshot: an argument list; empty: none
    std::uint32_t nested_max = 20'000; ///< nested subvolumes beyond it are left out: the run is then partial
    bool nested_read_only = false; ///< nested read-only subvolumes are backed up too
    std::vector<std::string> restic_args; ///< for `restic backup`, verbatim
    std::vector<UnitSetting> unit, service, timer; ///< systemd's own keys, in the order of the file
    std::vector<Diagnostic> warnings; ///< what is odd in its files, and no error

    [[nodiscard]] bool implicit() const noexcept { return file.empty(); }

    friend bool operator==(const Job &a, const Job &b); ///< but for the warnings
};

} // namespace igotchuu
