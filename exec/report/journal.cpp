// SPDX-License-Identifier: MIT
#include "exec/report/journal.hpp"

#include "job/error.hpp"

#define SD_JOURNAL_SUPPRESS_LOCATION // it would be this file's, always
#include <systemd/sd-journal.h>
#include <systemd/sd-varlink.h>

#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <format>
#include <memory>

namespace igotchuu
{

void journal(int priority, std::string_view message_id, const Fields &fields, std::string_view sentence)
{
    std::vector<std::string> lines{"SYSLOG_IDENTIFIER=igotchuu", std::format("PRIORITY={}", priority),
                                   std::format("MESSAGE={}", sentence)};
    if (!message_id.empty())
        lines.push_back(std::format("MESSAGE_ID={}", message_id));
    for (const auto &[name, value] : fields)
        lines.push_back(std::format("{}={}", name, value));

    std::vector<iovec> parts;
    for (std::string &line : lines)
        parts.push_back({.iov_base = line.data(), .iov_len = line.size()});
    if (const int result = sd_journal_sendv(parts.data(), static_cast<int>(parts.size())); result < 0)
        fail(-result, "cannot write to the journal");
}

bool journal_exists() noexcept
{
    return ::access("/run/systemd/journal/socket", F_OK) == 0;
}

namespace
{

/// What was sent lies in journald's socket until it comes to it: on a busy machine that may take seconds. journalctl(1), --sync.
void await_what_was_sent()
{
    sd_varlink *connected = nullptr;
    if (const int result = sd_varlink_connect_address(&connected, "/run/systemd/journal/io.systemd.journal"); result < 0)
        fail(-result, "cannot ask the journal");
    const std::unique_ptr<sd_varlink, decltype(&sd_varlink_close_unref)> journald{connected, sd_varlink_close_unref};
    constexpr std::uint64_t patience = 10'000'000; // microseconds
    sd_varlink_set_relative_timeout(connected, patience);
    const char *error_id = nullptr;
    if (const int result = sd_varlink_call(connected, "io.systemd.Journal.Synchronize", nullptr, nullptr, &error_id); result < 0)
        fail(-result, "the journal does not answer");
    if (error_id != nullptr)
        throw Failure{std::format("the journal does not say what it has: {}", error_id)};
}

} // namespace

bool in_journal(std::string_view message_id, const std::string &invocation_id)
{
    await_what_was_sent();
    const auto check = [](int result) {
        if (result < 0)
            fail(-result, "cannot read the journal");
        return result;
    };
    sd_journal *opened = nullptr;
    check(sd_journal_open(&opened, SD_JOURNAL_LOCAL_ONLY));
    const std::unique_ptr<sd_journal, decltype(&sd_journal_close)> entries{opened, sd_journal_close};
    check(sd_journal_add_match(opened, std::format("MESSAGE_ID={}", message_id).c_str(), 0));
    check(sd_journal_add_match(opened, std::format("IGOTCHUU_INVOCATION={}", invocation_id).c_str(), 0));
    check(sd_journal_seek_head(opened));
    return check(sd_journal_next(opened)) > 0;
}

bool stderr_is_the_journal() noexcept
{
    const char *const stream = std::getenv("JOURNAL_STREAM");
    struct stat status{};
    return stream != nullptr && ::fstat(STDERR_FILENO, &status) == 0 &&
           std::format("{}:{}", status.st_dev, status.st_ino) == stream;
}

} // namespace igotchuu
