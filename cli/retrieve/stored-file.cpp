// SPDX-License-Identifier: MIT
#include "cli/retrieve/stored-file.hpp"

#include "cli/retrieve/stored.hpp"
#include "job/amount.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"

#include <array>
#include <format>
#include <sys/stat.h>
#include <utility>

namespace igotchuu
{

namespace
{

std::string name_or_number(const nlohmann::json &message, const char *name, const char *number)
{
    const auto text = message.value(name, "");
    return text.empty() ? std::to_string(message.at(number).get<std::uint32_t>()) : text;
}

char type_letter(std::string_view type)
{
    constexpr std::array letters{std::pair{std::string_view{"file"}, '-'},    std::pair{std::string_view{"dir"}, 'd'},
                                 std::pair{std::string_view{"symlink"}, 'l'}, std::pair{std::string_view{"fifo"}, 'p'},
                                 std::pair{std::string_view{"dev"}, 'b'},     std::pair{std::string_view{"chardev"}, 'c'},
                                 std::pair{std::string_view{"socket"}, 's'}};
    for (const auto &[known, letter] : letters)
        if (known == type)
            return letter;
    return '?';
}

} // namespace

StoredFile stored_file(const nlohmann::json &message)
try {
    return {.path = message.at("path").get<std::string>(),
            .type = message.at("type").get<std::string>(),
            .mode = message.at("mode").get<std::uint32_t>(),
            .owner = name_or_number(message, "user", "uid"),
            .group = name_or_number(message, "group", "gid"),
            .size = message.at("size").get<std::uint64_t>(),
            .modified = message.at("modified").is_string() ? message.at("modified").get<std::string>() : std::string{},
            .target = message.value("target", "")};
} catch (const nlohmann::json::exception &error) {
    throw Failure{std::format("cannot understand igotchuu-exec: {} (it is of another version)", error.what())};
}

std::string mode_text(std::string_view type, std::uint32_t mode)
{
    std::string text{type_letter(type)};
    constexpr std::string_view rights = "rwxrwxrwx";
    for (std::size_t i = 0; i < rights.size(); ++i)
        text += (mode & (0400U >> i)) != 0 ? rights[i] : '-';
    const auto special = [&](std::uint32_t bit, std::size_t place, char letter) {
        if ((mode & bit) != 0)
            text[place] = text[place] == 'x' ? letter : static_cast<char>(letter - 'a' + 'A');
    };
    special(S_ISUID, 3, 's');
    special(S_ISGID, 6, 's');
    special(S_ISVTX, 9, 't');
    return text;
}

std::string modified_text(const std::string &modified)
{
    if (const auto year = modified.substr(0, 5); year < "1700-" || year > "2200-") // beyond what a Clock can say
        return printable(modified.substr(0, 19));
    try {
        return time_text(time_from(modified));
    } catch (const Failure &) {
        return printable(modified.substr(0, 19));
    }
}

std::string long_line(const StoredFile &file, std::string_view name)
{
    const auto size = file.type == "file" ? std::to_string(file.size) : std::string{"-"};
    const auto target = file.type == "symlink" ? " -> " + printable(file.target) : std::string{};
    return std::format("{} {:<8} {:<8} {:>12} {} {}{}", mode_text(file.type, file.mode), printable(file.owner),
                       printable(file.group), size, modified_text(file.modified), printable(name), target);
}

} // namespace igotchuu
