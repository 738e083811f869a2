// SPDX-License-Identifier: MIT
#include "job/unit-keys.hpp"

#include <fnmatch.h>
#include <string>

namespace igotchuu
{

namespace
{

struct Refusal {
    std::string_view section;
    const char *pattern; ///< fnmatch(3)
    std::string_view reason;
};

constexpr std::string_view whose =
    "the job runs as root with few capabilities, which snapshots and mounts need, and restic with one";
constexpr std::string_view where = "the unit's directories are where snapshots, state and restic's cache are looked for";
constexpr std::string_view success = "a partial or stopped backup is no success: use OnFailure= in [unit] to act on it";

constexpr Refusal refusals[] = {
    {"service", "Type", "igotchuu@.service is Type=oneshot: it is started when the backup is done"},
    {"service", "Exec*", "what runs is igotchuu-exec; start another unit before or after it by Wants= and After= in [unit]"},
    {"service", "KillMode", "a stop has to reach igotchuu-exec first, which then ends restic and takes the snapshot away"},
    {"service", "Timeout*", "a first backup may take days, and a stop has to wait for restic to finish what it uploads"},
    {"service", "Restart*", "a run is repeated only when it could not start yet, with growing steps"},
    {"service", "PrivateMounts", "nobody but restic may see the snapshot mounted over the source"},
    {"service", "NotifyAccess", "igotchuu-exec says by it how far the backup is"},
    {"service", "User", whose},
    {"service", "Group", whose},
    {"service", "DynamicUser", whose},
    {"service", "CapabilityBoundingSet", whose},
    {"service", "AmbientCapabilities", whose},
    {"service", "*Directory*", where},
    {"service", "Root*", where},
    {"service", "SuccessExitStatus", success},
    {"service", "RemainAfterExit", "the service would stay active after its first backup, and the timer would never start another"},
    {"timer", "Unit", "a timer of igotchuu starts the service of the same name"},
    {"unit", "SourcePath", "it names the job's file, by which systemd sees that the file has changed"},
};

} // namespace

std::string_view refusal(std::string_view section, std::string_view key)
{
    for (const auto &entry : refusals)
        if (entry.section == section && fnmatch(entry.pattern, std::string{key}.c_str(), 0) == 0)
            return entry.reason;
    return {};
}

} // namespace igotchuu
