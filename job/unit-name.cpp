// SPDX-License-Identifier: MIT
#include "job/unit-name.hpp"

#include "job/diagnostic.hpp"

#include <algorithm>
#include <climits>
#include <format>
#include <stdexcept>

namespace igotchuu
{

namespace
{

constexpr std::string_view letters_and_digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

bool is_control(char c)
{
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

std::string escaped(char c)
{
    return std::format("\\x{:02x}", static_cast<unsigned char>(c));
}

std::optional<unsigned> hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return {};
}

/// systemd's unit_name_unescape(): "-" is a slash, \xNN a byte, and no other backslash is allowed.
std::optional<std::string> unescaped(std::string_view text)
{
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            bytes += text[i] == '-' ? '/' : text[i];
            continue;
        }
        if (text.size() - i < 4 || text[i + 1] != 'x')
            return {};
        const auto high = hex_digit(text[i + 2]), low = hex_digit(text[i + 3]);
        if (!high || !low)
            return {};
        bytes += static_cast<char>(*high << 4 | *low);
        i += 3;
    }
    return bytes;
}

/// `path` without its first slash: no empty, "." or ".." part, no slash at the end.
bool is_normalised(std::string_view path)
{
    for (;;) {
        const auto slash = path.find('/');
        const auto part = path.substr(0, slash);
        if (part.empty() || part == "." || part == "..")
            return false;
        if (slash == std::string_view::npos)
            return true;
        path.remove_prefix(slash + 1);
    }
}

/// `what` is it of, and which unit has this instance?
std::string instance_of(std::string_view name, std::string_view what, std::string (*unit_of)(std::string_view))
{
    const auto shown = printable(name);
    if (name.empty())
        throw std::invalid_argument{std::format("a {} needs a name", what)};
    if (std::ranges::any_of(name, is_control))
        throw std::invalid_argument{std::format("the name \"{}\" has a control character in it: rename the file", shown)};
    if (name == "." || name == ".." || name.contains('/'))
        throw std::invalid_argument{std::format("\"{}\" cannot be the name of a {}: it has to be the name of a file", shown, what)};
    std::string instance;
    for (const char c : name)
        instance += letters_and_digits.contains(c) || std::string_view{":-_.\\@"}.contains(c) ? std::string{c} : escaped(c);
    if (const auto unit = unit_of(instance); unit.size() > unit_name_max)
        throw std::invalid_argument{
            std::format("the name \"{}\" is too long: its unit would have {} bytes, at most {} are possible", shown, unit.size(),
                        unit_name_max)};
    return instance;
}

} // namespace

std::string instance_of(std::string_view job_name)
{
    return instance_of(job_name, "job", send_service_of);
}

std::string repository_instance_of(std::string_view repository_name)
{
    return instance_of(repository_name, "repository", maintenance_service_of);
}

std::optional<std::string> path_of_instance(std::string_view instance)
{
    if (instance == "-")
        return "/";
    const auto path = unescaped(instance);
    if (!path || std::ranges::any_of(*path, is_control) || !is_normalised(*path) || path->size() + 1 >= PATH_MAX)
        return {};
    return "/" + *path;
}

std::string instance_of_path(std::string_view absolute_path)
{
    if (!absolute_path.starts_with('/'))
        throw std::invalid_argument{std::format("\"{}\" is not an absolute path", printable(absolute_path))};
    std::string instance;
    while (!absolute_path.empty()) {
        const auto slash = absolute_path.find('/');
        const auto part = absolute_path.substr(0, slash);
        absolute_path.remove_prefix(slash == std::string_view::npos ? absolute_path.size() : slash + 1);
        if (part.empty() || part == ".")
            continue;
        if (part == "..")
            throw std::invalid_argument{"a path with \"..\" in it has no instance"};
        const bool first = instance.empty();
        if (!first)
            instance += '-';
        for (std::size_t i = 0; i < part.size(); ++i) // a dot at the start would make hidden files of unit names
            instance += (first && i == 0 && part[i] == '.') ||
                                !(letters_and_digits.contains(part[i]) || std::string_view{":_."}.contains(part[i]))
                            ? escaped(part[i])
                            : std::string{part[i]};
    }
    return instance.empty() ? "-" : instance;
}

std::string service_of(std::string_view instance)
{
    return std::format("igotchuu@{}.service", instance);
}

std::string timer_of(std::string_view instance)
{
    return std::format("igotchuu@{}.timer", instance);
}

std::string send_service_of(std::string_view instance)
{
    return std::format("igotchuu-send@{}.service", instance);
}

std::string fresh_service_of(std::string_view instance)
{
    return std::format("igotchuu-fresh@{}.service", instance);
}

std::string fresh_timer_of(std::string_view instance)
{
    return std::format("igotchuu-fresh@{}.timer", instance);
}

std::string maintenance_service_of(std::string_view instance)
{
    return std::format("igotchuu-maintenance@{}.service", instance);
}

std::string maintenance_timer_of(std::string_view instance)
{
    return std::format("igotchuu-maintenance@{}.timer", instance);
}

} // namespace igotchuu
