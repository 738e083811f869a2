// SPDX-License-Identifier: MIT
#pragma once

#include "job/diagnostic.hpp"
#include "job/prove.hpp"

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

/// What igotchuu-maintenance@ does to a repository, and when: the table [maintenance].
struct Maintenance {
    std::uint32_t check_parts = 0; ///< each run reads one of so many parts of all data
    std::string max_unused, max_repack_size; ///< as restic takes them; empty: restic's own
    std::vector<UnitSetting> timer;

    friend bool operator==(const Maintenance &, const Maintenance &) = default;
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
    bool maintained = true; ///< false: nothing may be removed from it here, its server only lets things be added
    Maintenance maintenance;

    /// The one repository that igotchuu may make unasked, with a key of its own making.
    [[nodiscard]] bool embedded() const noexcept { return file.empty(); }
    /// The directory of a repository on this machine, absolute and without a "local:" prefix; empty for a remote one.
    [[nodiscard]] std::string local_path() const;

    friend bool operator==(const Repository &, const Repository &) = default;
};
/// The ids of all credentials that it needs, each once.
[[nodiscard]] std::vector<std::string> credentials_of(const Repository &repository);

/// What a run waits for. Nothing of it is asked while the run goes on.
struct Wait {
    bool mains_power = false, unmetered = false;
    std::vector<std::string> hosts; ///< "HOST:PORT", which answer
    std::vector<std::string> mounted; ///< paths on which something is mounted
    std::string hours; ///< "22:00-06:30", of the wall clock; empty: any
    std::uint32_t load = 0; ///< the load average is below it; 0: any
    std::chrono::hours latest{}; ///< after that a run no longer waits; 0: it waits for ever
    bool then_run = true; ///< it runs all the same; else it fails

    friend bool operator==(const Wait &, const Wait &) = default;
};
/// The key wait.then, and its values.
inline constexpr std::array<std::string_view, 2> after_waiting{"run", "fail"};
/// One rule of what `restic forget` keeps: --keep-NAME=VALUE.
struct KeepRule {
    std::string name; ///< "daily", "within-weekly"; of the key keep.tags "tag"
    std::string value; ///< a whole number from 1, a duration of restic's ("1y5m7d2h"), or a tag

    friend bool operator==(const KeepRule &, const KeepRule &) = default;
};

/// How long, and at what price, an instant is kept for repositories that are absent: the table [pending].
struct Pending {
    std::chrono::days days{7}; ///< 0: none is kept
    std::uint32_t instants = 2;
    std::uint32_t free_percent = 10;

    friend bool operator==(const Pending &, const Pending &) = default;
};

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
    std::vector<std::vector<std::string>>
        hold; ///< argument lists of what keeps something still while the snapshots are taken; with SnapshotMethod::none: empty
    std::string hold_user;
    std::chrono::seconds hold_timeout{}; ///< for all of it, from the first one's start to the last one's end
    Wait wait;
    std::uint32_t nested_max = 20'000; ///< nested subvolumes beyond it are left out: the run is then partial
    bool nested_read_only = false; ///< nested read-only subvolumes are backed up too
    std::vector<std::string> restic_args; ///< for `restic backup`, verbatim
    static constexpr std::chrono::days standard_full_every{7};
    std::chrono::days full_every =
        standard_full_every; ///< a backup of which nothing has changed is made all the same after so many; 0: each time
    Pending pending;
    Prove prove;
    std::chrono::hours objective{}; ///< how old the newest good backup in each repository may be; 0: nobody looks
    std::vector<KeepRule> keep; ///< which of the job's snapshots stay; empty: all of them
    std::vector<UnitSetting> unit, service, timer; ///< systemd's own keys, in the order of the file
    std::vector<Diagnostic> warnings; ///< what is odd in its files, and no error

    [[nodiscard]] bool implicit() const noexcept { return file.empty(); }

    friend bool operator==(const Job &a, const Job &b); ///< but for the warnings
};

} // namespace igotchuu
