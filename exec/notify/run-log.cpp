// SPDX-License-Identifier: MIT
#include "exec/notify/run-log.hpp"

#include "exec/programs.hpp"
#include "exec/tool.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"

#include <syslog.h>
#include <systemd/sd-journal.h>

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <format>
#include <memory>
#include <ranges>
#include <string_view>

namespace igotchuu
{

namespace
{

constexpr std::uint64_t most_lines = 100;
constexpr std::size_t most_bytes = 100'000, most_of_a_line = 900; // healthchecks.io keeps as many; a mail's lines have 998 at most

int check(int result)
{
    if (result < 0)
        fail(-result, "cannot read the journal");
    return result;
}

class Entries
{
public:
    explicit Entries(const std::string &invocation_id)
    {
        sd_journal *opened = nullptr;
        check(sd_journal_open(&opened, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM));
        journal_.reset(opened);
        match({"_SYSTEMD_INVOCATION_ID=" + invocation_id});
        match({"_PID=1", "INVOCATION_ID=" + invocation_id}); // what systemd says of the unit
        match({"_UID=0", "IGOTCHUU_INVOCATION=" + invocation_id}); // everybody may write such a field
        check(sd_journal_seek_tail(opened));
        count_ = static_cast<std::uint64_t>(check(sd_journal_previous_skip(opened, most_lines)));
    }

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    [[nodiscard]] bool next() const { return check(sd_journal_next(journal_.get())) > 0; }
    [[nodiscard]] std::string_view field(const std::string &name) const
    {
        const void *data = nullptr;
        std::size_t size = 0;
        if (sd_journal_get_data(journal_.get(), name.c_str(), &data, &size) < 0)
            return {};
        return std::string_view{static_cast<const char *>(data), size}.substr(name.size() + 1);
    }
    [[nodiscard]] std::time_t time() const
    {
        std::uint64_t microseconds = 0;
        check(sd_journal_get_realtime_usec(journal_.get(), &microseconds));
        return static_cast<std::time_t>(microseconds / 1'000'000);
    }
    /// Empty: the catalog has nothing for it.
    [[nodiscard]] std::string catalog() const
    {
        char *text = nullptr;
        if (sd_journal_get_catalog(journal_.get(), &text) < 0)
            return {};
        const std::unique_ptr<char, decltype(&std::free)> owned{text, &std::free};
        return text;
    }

private:
    void match(std::initializer_list<std::string> all) const
    {
        for (const auto &one : all)
            check(sd_journal_add_match(journal_.get(), one.data(), one.size()));
        check(sd_journal_add_disjunction(journal_.get()));
    }

    std::unique_ptr<sd_journal, decltype(&sd_journal_close)> journal_{nullptr, sd_journal_close};
    std::uint64_t count_ = 0;
};

int priority_of(std::string_view text)
{
    int priority = LOG_INFO;
    std::from_chars(text.data(), text.data() + text.size(), priority);
    return priority;
}

std::string message_of(const Entries &entries)
{
    return printable(entries.field("MESSAGE"), most_of_a_line);
}

std::string line_of(const Entries &entries)
{
    const auto when = entries.time();
    std::tm parts{};
    localtime_r(&when, &parts);
    return std::format("{:02}:{:02}:{:02} {}\n", parts.tm_hour, parts.tm_min, parts.tm_sec, message_of(entries));
}

/// Without its header, which ends with an empty line; each of its lines printable.
std::string text_of(std::string_view catalog)
{
    const auto header = catalog.find("\n\n");
    std::string text;
    if (header != catalog.npos)
        for (const auto line : catalog.substr(header + 2) | std::views::split('\n'))
            text += printable(std::string_view{line}, most_of_a_line) + '\n';
    text.erase(text.find_last_not_of('\n') + 1);
    return text;
}

/// What was said just now may still be on its way to the journal. Where this fails, a line may be missing.
void let_it_arrive()
{
    static_cast<void>(
        run(Tool{.arguments = {programs::journalctl, "--sync"}, .capabilities = {}, .at_most = std::chrono::seconds{5}}));
}

} // namespace

RunLog run_log(const std::string &invocation_id)
{
    let_it_arrive();
    RunLog log;
    const Entries entries{invocation_id};
    if (entries.count() == 0)
        return log;
    do {
        const auto priority = priority_of(entries.field("PRIORITY"));
        if (priority < LOG_DEBUG) {
            log.tail += line_of(entries);
            if (entries.field("_PID") != "1")
                log.own.push_back(message_of(entries));
        }
        if (priority <= LOG_WARNING && entries.field("SYSLOG_IDENTIFIER") == "igotchuu")
            if (auto text = text_of(entries.catalog()); !text.empty())
                log.advice = std::move(text);
    } while (entries.next());
    if (log.tail.size() > most_bytes)
        log.tail.erase(0, log.tail.find('\n', log.tail.size() - most_bytes) + 1);
    return log;
}

} // namespace igotchuu
