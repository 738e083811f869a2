// SPDX-License-Identifier: MIT
#include "job/schema.hpp"

#include "job/job.hpp"

namespace igotchuu
{

namespace
{

constexpr Key job[] = {
    {.name = "description", .type = KeyType::text, .standard = {}, .line = "What people see beside the job's name."},
    {.name = "sources",
     .type = KeyType::path_list,
     .standard = {},
     .line = "The directories to back up. One may lie inside another.",
     .required = true},
    {.name = "exclude",
     .type = KeyType::text_list,
     .standard = "[]",
     .line = "restic's patterns of what to leave out, as for its --exclude."},
    {.name = "exclude-caches",
     .type = KeyType::flag,
     .standard = "false",
     .line = "Leave out directories that are tagged as caches, by a file CACHEDIR.TAG."},
    {.name = "repositories",
     .type = KeyType::name_list,
     .standard = R"(["default"])",
     .line = "Where to back up to: names of repository files, served in this order."},
    {.name = "snapshot",
     .type = KeyType::choice,
     .standard = R"("auto")",
     .line = "How the sources are frozen; auto: as their file system can; none: not at all.",
     .choices = snapshot_methods},
    {.name = "live",
     .type = KeyType::path_list,
     .standard = "[]",
     .line = "What is backed up as it is, without a snapshot: sources, and mount points of other file systems below them."},
    {.name = "prepare",
     .type = KeyType::text_list,
     .standard = "[]",
     .line = "For snapshot = \"command\": the program that makes frozen directories of the sources, and its arguments, or a unit."},
    {.name = "cleanup",
     .type = KeyType::text_list,
     .standard = "[]",
     .line = "The program that takes away what prepare made, and its arguments, or a unit."},
    {.name = "prepared",
     .type = KeyType::path_list,
     .standard = {},
     .line = "The directories that prepare makes, in the order of the sources; without it prepare prints them."},
    {.name = "prepare-user", .type = KeyType::text, .standard = R"("root")", .line = "The user who prepare and cleanup run as."},
    {.name = "prepare-timeout",
     .type = KeyType::count,
     .standard = "300",
     .line = "How many seconds prepare, cleanup and exec-before-snapshot may take, each.",
     .least = 1,
     .most = 604'800},
    {.name = "exec-before-snapshot",
     .type = KeyType::text_list,
     .standard = "[]",
     .line = "A program, and its arguments, that runs inside the backup's mount namespace before anything else."},
    {.name = "nested-max",
     .type = KeyType::count,
     .standard = "20000",
     .line = "How many nested subvolumes of a source are backed up with it; beyond that the backup is partial.",
     .least = 0,
     .most = 100'000},
    {.name = "nested-read-only",
     .type = KeyType::flag,
     .standard = "false",
     .line = "Back up nested read-only subvolumes too: other programs' snapshots, mostly."},
    {.name = "restic-args",
     .type = KeyType::text_list,
     .standard = "[]",
     .line = "Further arguments for restic backup, as they are."},
    {.name = "timer",
     .type = KeyType::unit_section,
     .standard = {},
     .line = "systemd's keys for the section [Timer] of the job's timer. Without this table the job has no timer."},
    {.name = "service",
     .type = KeyType::unit_section,
     .standard = {},
     .line = "systemd's keys for the section [Service] of the job's service."},
    {.name = "unit",
     .type = KeyType::unit_section,
     .standard = {},
     .line = "systemd's keys for the section [Unit] of the job's service."},
};

constexpr Key repository[] = {
    {.name = "location",
     .type = KeyType::text,
     .standard = {},
     .line = "Where the repository is, in restic's notation: an absolute path, or sftp:…, rest:…, s3:… and so on.",
     .required = true},
    {.name = "password-file", .type = KeyType::path, .standard = {}, .line = "A file that holds the repository's password."},
    {.name = "password-credential",
     .type = KeyType::text,
     .standard = {},
     .line = "The name of the systemd credential that is the repository's password; either this or password-file."},
};

} // namespace

std::span<const Key> job_keys()
{
    return job;
}

std::span<const Key> repository_keys()
{
    return repository;
}

} // namespace igotchuu
