// SPDX-License-Identifier: MIT
#include "exec/restic/node.hpp"

#include "exec/restic/snapshot-json.hpp"

#include <charconv>
#include <sys/stat.h>

namespace igotchuu::restic
{

namespace
{

using nlohmann::json;

template <typename Number>
Number number(const json &object, const char *name)
{
    const auto &value = member(object, name);
    return value.is_number_unsigned() ? value.get<Number>() : Number{};
}

std::string text_or_none(const json &object, const char *name)
{
    const auto &value = member(object, name);
    return value.is_string() ? value.get<std::string>() : std::string{};
}

json object_in(std::string_view text)
{
    auto object = json::parse(text, nullptr, false);
    if (!object.is_object())
        throw NotUnderstood{"a file is no object"};
    return object;
}

Node node_of(const json &object, std::string path)
{
    return {.path = std::move(path),
            .type = text(object, "type"),
            .mode = mode_bits(number<std::uint64_t>(object, "mode")),
            .uid = number<std::uint32_t>(object, "uid"),
            .gid = number<std::uint32_t>(object, "gid"),
            .user = text_or_none(object, "user"),
            .group = text_or_none(object, "group"),
            .size = number<std::uint64_t>(object, "size"),
            .modified = text_or_none(object, "mtime"),
            .changed = text_or_none(object, "ctime"),
            .inode = number<std::uint64_t>(object, "inode"),
            .target = text_or_none(object, "linktarget"),
            .content = texts(object, "content")};
}

void append_utf8(std::string &text, std::uint32_t point)
{
    const auto tail = [&](unsigned shift) { text += static_cast<char>(0x80 | ((point >> shift) & 0x3f)); };
    if (point < 0x80) {
        text += static_cast<char>(point);
    } else if (point < 0x800) {
        text += static_cast<char>(0xc0 | (point >> 6));
        tail(0);
    } else if (point < 0x10000) {
        text += static_cast<char>(0xe0 | (point >> 12));
        tail(6);
        tail(0);
    } else {
        text += static_cast<char>(0xf0 | (point >> 18));
        tail(12);
        tail(6);
        tail(0);
    }
}

/// How many hexadecimal digits follow; 0: it is no such escape.
std::size_t digits_after(char letter)
{
    return letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
}

} // namespace

std::uint32_t mode_bits(std::uint64_t go_mode)
{
    constexpr std::uint64_t setuid = 1U << 23, setgid = 1U << 22, sticky = 1U << 20;
    auto bits = static_cast<std::uint32_t>(go_mode & 0777);
    bits |= (go_mode & setuid) != 0 ? S_ISUID : 0U;
    bits |= (go_mode & setgid) != 0 ? S_ISGID : 0U;
    bits |= (go_mode & sticky) != 0 ? S_ISVTX : 0U;
    return bits;
}

std::string unquoted(std::string_view text)
{
    constexpr std::string_view letters = "abfnrtv", meanings = "\a\b\f\n\r\t\v";
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '\\' || at + 1 == text.size()) {
            plain += text[at];
            continue;
        }
        const auto letter = text[++at];
        if (const auto digits = text.substr(at + 1, digits_after(letter)); !digits.empty()) {
            std::uint32_t value = 0;
            std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
            if (letter == 'x')
                plain += static_cast<char>(value);
            else
                append_utf8(plain, value);
            at += digits.size();
        } else {
            const auto found = letters.find(letter);
            plain += found == letters.npos ? letter : meanings[found];
        }
    }
    return plain;
}

Node matching_node(std::string_view text)
{
    const auto object = object_in(text);
    return node_of(object, restic::text(object, "path"));
}

Node tree_node(std::string_view text, std::string_view directory)
{
    const auto object = object_in(text);
    auto path = std::string{directory};
    if (!path.ends_with('/'))
        path += '/';
    return node_of(object, path + unquoted(restic::text(object, "name")));
}

} // namespace igotchuu::restic
