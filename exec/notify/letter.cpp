// SPDX-License-Identifier: MIT
#include "exec/notify/letter.hpp"

#include "job/diagnostic.hpp"

#include <algorithm>
#include <ctime>
#include <format>
#include <ranges>
#include <utility>

namespace igotchuu
{

namespace
{

constexpr std::size_t longest_line = 990, longest_subject = 400;

std::string formatted(Clock::time_point instant, const char *format)
{
    const auto time = Clock::to_time_t(instant);
    std::tm parts{};
    std::string text(64, '\0');
    localtime_r(&time, &parts);
    text.resize(std::strftime(text.data(), text.size(), format, &parts));
    return text;
}

bool begins_character(char c)
{
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80; // UTF-8
}

/// The first bytes of `text`, at most `most`, that are whole characters; `text` is without them afterwards.
std::string_view take(std::string_view &text, std::size_t most)
{
    auto size = std::min(text.size(), most);
    while (size < text.size() && size > 1 && !begins_character(text[size]))
        --size;
    const auto taken = text.substr(0, size);
    text.remove_prefix(size);
    return taken;
}

/// One line, or several where it is too long for a mail.
std::string lines_of(std::string_view text)
{
    std::string lines;
    do
        lines += std::string{take(text, longest_line)} + '\n';
    while (!text.empty());
    return lines;
}

std::string_view verb_of(const Happening &happening)
{
    const bool is_look = happening.subject.kind == Subject::Kind::freshness;
    if (happening.subject.kind == Subject::Kind::verification)
        return happening.occasion == Occasion::recovery ? "are right again" : "are wrong";
    switch (happening.occasion.value_or(Occasion::failure)) {
    case Occasion::failure:
        if (is_look)
            return "is not fresh";
        return happening.outcome == "partial" ? "is partial" : happening.outcome == "killed" ? "was killed" : "failed";
    case Occasion::recovery:
        return is_look ? "is fresh again" : "works again";
    case Occasion::success:
        return "is complete";
    case Occasion::stopped:
        return "was stopped";
    case Occasion::start:
        return "has begun";
    }
    std::unreachable();
}

std::string what_it_is(const Happening &happening)
{
    switch (happening.subject.kind) {
    case Subject::Kind::verification:
        return "units or schedules";
    case Subject::Kind::maintenance:
        return "maintenance of " + happening.name;
    case Subject::Kind::backup:
    case Subject::Kind::sending:
    case Subject::Kind::freshness:
        return "backup of " + happening.name;
    }
    std::unreachable();
}

} // namespace

std::string subject_line(const Happening &happening, std::string_view host)
{
    return printable(std::format("igotchuu: {} {} on {}", what_it_is(happening), verb_of(happening), host), longest_subject);
}

std::string text_of(const Happening &happening, const Circumstances &circumstances)
{
    std::string text =
        lines_of(happening.occasion == Occasion::recovery ? "It works again. " + happening.sentence : happening.sentence) + '\n';
    const auto fact = [&](std::string_view what, const std::string &value) {
        if (!value.empty())
            text += lines_of(std::format("  {:<9} {}", what, value));
    };
    fact("outcome", happening.outcome);
    fact("unit", happening.subject.service());
    fact("host", circumstances.host);
    fact("began", happening.started ? formatted(*happening.started, "%F %T %Z") : "");
    fact("ended", happening.ended ? formatted(*happening.ended, "%F %T %Z") : "");
    fact("next", circumstances.next);
    for (const auto &line : happening.numbers)
        text += lines_of(line);
    if (!circumstances.log.advice.empty() && happening.occasion == Occasion::failure) {
        text += "\nWhat it means, and what to do:\n\n";
        for (const auto line : circumstances.log.advice | std::views::split('\n'))
            text += lines_of(std::string_view{line});
    }
    if (!circumstances.log.tail.empty())
        text += std::format("\nThe end of its log (all of it: journalctl -u '{}'):\n\n{}", happening.subject.service(),
                            circumstances.log.tail);
    return text;
}

std::string letter(const Notify &notify, const Happening &happening, const Circumstances &circumstances)
{
    std::string to;
    for (const auto &address : notify.mail_to)
        to += (to.empty() ? "" : ",\n ") + address;
    std::string head = notify.mail_from.empty() ? "" : std::format("From: {}\n", notify.mail_from); // else sendmail adds it
    head += std::format("To: {}\nSubject: {}\nDate: {}\n", to, header_text(subject_line(happening, circumstances.host)),
                        formatted(Clock::now(), "%a, %d %b %Y %H:%M:%S %z"));
    head += "Auto-Submitted: auto-generated\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
            "Content-Transfer-Encoding: 8bit\n\n";
    return head + text_of(happening, circumstances);
}

std::string header_text(std::string_view text)
{
    const auto is_plain = [](char c) { return c >= 0x20 && c < 0x7f; };
    if (std::ranges::all_of(text, is_plain) && !text.contains("=?"))
        return std::string{text};
    std::string words;
    while (!text.empty()) {
        words += words.empty() ? "=?utf-8?Q?" : "\n =?utf-8?Q?"; // at most 75 characters, of whole characters
        for (const char c : take(text, 20)) {
            const bool is_safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            words += c == ' ' ? "_" : is_safe ? std::string{c} : std::format("={:02X}", static_cast<unsigned char>(c));
        }
        words += "?=";
    }
    return words;
}

} // namespace igotchuu
