// SPDX-License-Identifier: MIT
#include "cli/migrate/unit-file.hpp"

#include <algorithm>
#include <format>
#include <optional>
#include <ranges>
#include <utility>

namespace igotchuu::migrate
{

namespace
{

constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(blanks);
    return first == text.npos ? std::string_view{} : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_comment(std::string_view line)
{
    return line.starts_with('#') || line.starts_with(';');
}

/// One logical line: with a backslash at its end it goes on in the next one, and comments in between are none of it.
struct Logical {
    std::string text;
    std::uint32_t line;
};

std::vector<Logical> logical_lines(std::string_view text)
{
    std::vector<Logical> lines;
    bool goes_on = false;
    std::uint32_t number = 0;
    for (const auto part : std::views::split(text, '\n')) {
        ++number;
        auto line = trimmed(std::string_view{part});
        if (is_comment(line) || (line.empty() && !goes_on))
            continue;
        if (!goes_on)
            lines.push_back({{}, number});
        goes_on = line.ends_with('\\');
        if (goes_on)
            line.remove_suffix(1);
        lines.back().text += line;
        if (goes_on)
            lines.back().text += ' ';
    }
    return lines;
}

std::optional<int> hexadecimal(std::string_view two)
{
    int value = 0;
    for (const char c : two) {
        constexpr std::string_view digits = "0123456789abcdef";
        const auto digit = digits.find(static_cast<char>(c | 0x20));
        if (two.size() != 2 || digit == digits.npos)
            return {};
        value = value * 16 + static_cast<int>(digit);
    }
    return value;
}

/// The words of one value.
class Words
{
public:
    Words(const UnitLine &line, Findings &findings) : line_{line}, rest_{line.value}, findings_{findings} {}

    std::vector<Text> all()
    {
        while (!rest_.empty())
            take();
        if (quote_ != 0)
            fault(std::format("a quote {} has no end", quote_));
        if (std::ranges::any_of(words_, [](const Text &word) { return printable(word.text) != word.text; }))
            fault("has control characters in it, or bytes that are no UTF-8, which no file of igotchuu's may have");
        return std::move(words_);
    }

private:
    void fault(std::string_view why) { findings_.faults.push_back(line_.place.says(std::format("{}=: {}", line_.key, why))); }

    void take()
    {
        const char c = rest_.front();
        rest_.remove_prefix(1);
        if (quote_ == 0 && blanks.contains(c)) {
            in_word_ = false;
            return;
        }
        if (!std::exchange(in_word_, true))
            words_.push_back({{}, line_.place});
        if (quote_ == 0 && (c == '"' || c == '\''))
            quote_ = c;
        else if (c == quote_)
            quote_ = 0;
        else if (c == '\\')
            escape();
        else if (c == '%')
            specifier();
        else
            words_.back().text += c;
    }

    void escape()
    {
        constexpr std::string_view letters = "abfnrtvs\\\"'", meanings = "\a\b\f\n\r\t\v \\\"'";
        const char c = rest_.empty() ? '\0' : rest_.front();
        if (const auto code = rest_.starts_with('x') ? hexadecimal(rest_.substr(1, 2)) : std::nullopt) {
            words_.back().text += static_cast<char>(*code);
            rest_.remove_prefix(3);
        } else if (const auto letter = letters.find(c); letter != letters.npos) {
            words_.back().text += meanings[letter];
            rest_.remove_prefix(1);
        } else
            fault("an escape that igotchuu does not know");
    }

    void specifier()
    {
        const auto letter = rest_.substr(0, 1);
        rest_.remove_prefix(letter.size());
        if (letter == "%")
            words_.back().text += '%';
        else
            fault(std::format("the specifier %{} is filled in by systemd alone: write what it stands for into a copy of the file",
                              letter));
    }

    const UnitLine &line_;
    std::string_view rest_;
    Findings &findings_;
    std::vector<Text> words_{};
    char quote_ = 0;
    bool in_word_ = false;
};

} // namespace

std::vector<UnitLine> read_unit(std::string_view file, std::string_view text, Findings &findings)
{
    std::vector<UnitLine> lines;
    std::string section;
    for (const auto &[line, number] : logical_lines(text)) {
        const Place place{file, number, 1};
        if (line.starts_with('[') && line.ends_with(']'))
            section = line.substr(1, line.size() - 2);
        else if (const auto equals = line.find('='); equals == line.npos || equals == 0 || section.empty())
            findings.faults.push_back(
                place.says(section.empty() ? "no unit begins so: a [Section] is missing" : "is neither [Section] nor KEY=VALUE"));
        else
            lines.push_back({section, std::string{trimmed(std::string_view{line}.substr(0, equals))},
                             std::string{trimmed(std::string_view{line}.substr(equals + 1))}, place});
    }
    return lines;
}

std::vector<UnitLine> list_of(const std::vector<UnitLine> &lines, std::string_view section, std::string_view key)
{
    std::vector<UnitLine> list;
    for (const auto &line : lines) {
        if (line.section != section || line.key != key)
            continue;
        if (line.value.empty())
            list.clear();
        else
            list.push_back(line);
    }
    return list;
}

std::vector<Text> words_of(const UnitLine &line, Findings &findings)
{
    return Words{line, findings}.all();
}

std::vector<UnitLine> read_environment(std::string_view file, std::string_view text, Findings &findings)
{
    std::vector<UnitLine> variables;
    for (const auto &[line, number] : logical_lines(text)) {
        const Place place{file, number, 1};
        const auto equals = line.find('=');
        if (equals == line.npos || equals == 0) {
            findings.faults.push_back(place.says("is not NAME=VALUE"));
            continue;
        }
        auto value = trimmed(std::string_view{line}.substr(equals + 1));
        const char quote = value.size() >= 2 && value.front() == value.back() ? value.front() : '\0';
        const bool is_quoted = quote == '"' || quote == '\'';
        if (is_quoted)
            value = value.substr(1, value.size() - 2);
        if (value.find_first_of(!is_quoted ? "\"'\\" : quote == '"' ? "\"\\" : "'") != value.npos)
            findings.faults.push_back(place.says("has quotes or backslashes inside its value: put the value into single quotes"));
        variables.push_back({{}, std::string{trimmed(std::string_view{line}.substr(0, equals))}, std::string{value}, place});
    }
    return variables;
}

} // namespace igotchuu::migrate
