// SPDX-License-Identifier: MIT
#include "job/recovery-key.hpp"

#include "job/diagnostic.hpp"

#include <format>

namespace igotchuu
{

namespace
{

constexpr std::size_t group = 4, bits = 5;
constexpr std::size_t characters = recovery_key_bytes * 8 / bits;
static_assert(recovery_key_alphabet.size() == 1 << bits && characters % group == 0);

bool separates(char character)
{
    return std::string_view{" -\t\r\n"}.contains(character);
}

char capital(char character)
{
    return character >= 'a' && character <= 'z' ? static_cast<char>(character - 'a' + 'A') : character;
}

void append(std::string &key, char character)
{
    if (key.size() % (group + 1) == group)
        key += '-';
    key += character;
}

} // namespace

std::string recovery_key_of(const std::array<unsigned char, recovery_key_bytes> &random)
{
    std::string key;
    key.reserve(characters + characters / group); // one that grows leaves copies behind
    unsigned pending = 0;
    std::size_t count = 0;
    for (const auto byte : random) {
        pending = pending << 8 | byte;
        for (count += 8; count >= bits; count -= bits)
            append(key, recovery_key_alphabet[pending >> (count - bits) & ((1U << bits) - 1)]);
        pending &= (1U << count) - 1;
    }
    return key;
}

std::expected<std::string, std::string> typed_recovery_key(std::string_view typed)
{
    std::string key;
    key.reserve(typed.size() * 2);
    std::size_t count = 0;
    for (const auto character : typed) {
        if (separates(character))
            continue;
        if (!recovery_key_alphabet.contains(capital(character)))
            return std::unexpected{
                "there is a character in it that no recovery key has: they are letters and digits without 0, O, 1 and I"};
        append(key, capital(character));
        ++count;
    }
    if (count != characters)
        return std::unexpected{std::format("it has {} characters, and a recovery key has {}", count, characters)};
    return key;
}

std::string_view last_group(std::string_view key)
{
    return key.substr(key.size() - group);
}

std::string nag_about_recovery_key(std::string_view repository)
{
    return std::format(
        "nobody has confirmed that the recovery key of the repository {0} is written down: igotchuu repository confirm {0}",
        printable(repository));
}

bool is_last_group(std::string_view key, std::string_view typed)
{
    std::string plain;
    for (const auto character : typed)
        if (!separates(character))
            plain += capital(character);
    return plain == last_group(key);
}

} // namespace igotchuu
