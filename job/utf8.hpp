// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace igotchuu
{

struct Character {
    char32_t code;
    std::size_t size; ///< in bytes
};
/// The first character of `text`, which is not empty; nothing where UTF-8 (RFC 3629) has none: overlong forms and surrogates are none.
[[nodiscard]] std::optional<Character> decode(std::string_view text);

/// U+FFFD: what restic's JSON has for a byte that no JSON can say.
constexpr std::string_view unsayable = "\xef\xbf\xbd";
/// The name of a file as restic lists it: each byte that is no UTF-8 is U+FFFD. https://pkg.go.dev/encoding/json#Marshal
[[nodiscard]] std::string listed_name(std::string_view name);

} // namespace igotchuu
