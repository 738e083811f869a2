// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace igotchuu
{

/// The directory that a person means by `word`, by its real path: absolute, without a slash at the end and without a link on the way, as a run wants it. Throws
/// UsageError for what is no directory, or has a name that no file of ours can say.
[[nodiscard]] std::string source_of(const std::string &word);

/// Says how much lies in each, as far as that is counted in three seconds; and that what `exclude` leaves out is in it.
void show_sizes(const std::vector<std::string> &sources, const std::vector<std::string> &exclude);

struct Unfrozen {
    std::string source;
    std::string type; ///< of its file system: "ext4"
};
/// Those of which snapshot = "auto" can take none.
[[nodiscard]] std::vector<Unfrozen> unfrozen_of(const std::vector<std::string> &sources);

} // namespace igotchuu
