// SPDX-License-Identifier: MIT
#include "job/utf8.hpp"

#include <array>

namespace igotchuu
{

std::optional<Character> decode(std::string_view text)
{
    const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
    const auto lead = byte(0);
    if (lead < 0x80)
        return Character{lead, 1};
    const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < size)
        return {};
    auto code = static_cast<char32_t>(lead & (0x7fU >> size));
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xc0U) != 0x80)
            return {};
        code = code << 6 | (byte(i) & 0x3fU);
    }
    constexpr std::array<char32_t, 3> least{0x80, 0x800, 0x10000};
    if (code < least[size - 2] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return {};
    return Character{code, size};
}

std::string listed_name(std::string_view name)
{
    std::string listed;
    while (!name.empty()) {
        const auto character = decode(name);
        const auto size = character ? character->size : 1;
        listed += character ? name.substr(0, size) : unsayable;
        name.remove_prefix(size);
    }
    return listed;
}

} // namespace igotchuu
