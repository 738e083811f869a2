// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace igotchuu::fuzz
{

/// Ends the fuzzer, which then names the input, when a promise is broken.
inline void must(bool holds, std::string_view promise)
{
    if (holds)
        return;
    std::fprintf(stderr, "a promise is broken: %.*s\n", static_cast<int>(promise.size()), promise.data());
    std::abort();
}

} // namespace igotchuu::fuzz
