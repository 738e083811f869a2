// SPDX-License-Identifier: MIT
#pragma once

#include "cli/retrieve/stored.hpp"

#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

namespace igotchuu
{

/// The snapshots of which igotchuu-exec speaks by their numbers, once it has listed them.
class StoredSnapshots
{
public:
    void add(const nlohmann::json &message); ///< a "snapshot"; throws Failure
    /// Those that a message's members "repository" and "in" mean, the newest first. Throws Failure.
    [[nodiscard]] std::vector<StoredSnapshot> in(const nlohmann::json &message) const;
    [[nodiscard]] std::size_t size() const;

private:
    std::map<std::string, std::vector<StoredSnapshot>> of_; ///< repositories
};

/// As they stand in our JSON: repository, id and time of each.
[[nodiscard]] nlohmann::json json_of(std::span<const StoredSnapshot> snapshots);
/// How many instants they hold: that of several repositories is one.
[[nodiscard]] std::size_t count_instants(std::span<const StoredSnapshot> snapshots);

} // namespace igotchuu
