// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace igotchuu
{

// What a look at how fresh a backup is has found wrong, for those who tell somebody of it: a word for each repository that is not fresh, "INSTANCE:KIND".

[[nodiscard]] std::string trouble_with(const std::string &repository, std::string_view kind); ///< `kind`: a word without a colon

/// Of the look that is that invocation of igotchuu-fresh@INSTANCE.service, in CACHE/looks, beside those of the looks before it: another may have ended before
/// somebody is told of it.
void keep_troubles(const std::string &cache, const std::string &instance, const std::string &invocation_id,
                   const std::vector<std::string> &troubles);
/// None: that look has found none, or nobody knows what it has found (it did not come to look).
[[nodiscard]] std::vector<std::string> troubles_of(const std::string &cache, const std::string &instance,
                                                   const std::string &invocation_id);

/// Whether the last look that was kept has found some.
[[nodiscard]] bool found_trouble(const std::string &cache, const std::string &instance);

} // namespace igotchuu
