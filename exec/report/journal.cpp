// SPDX-License-Identifier: MIT
#include "exec/report/journal.hpp"

#include "job/error.hpp"

#define SD_JOURNAL_SUPPRESS_LOCATION // it would be this file's, always
#include <systemd/sd-journal.h>

#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
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

bool in_journal(std::string_view message_id, const std::string &invocation_id)
{
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
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds{200};
    for (;;) {
        check(sd_journal_seek_head(opened));
        if (check(sd_journal_next(opened)) > 0)
            return true;
        const auto left = std::chrono::ceil<std::chrono::microseconds>(until - std::chrono::steady_clock::now()).count();
        if (left <= 0)
            return false;
        check(sd_journal_wait(opened, static_cast<std::uint64_t>(left)));
    }
}

bool stderr_is_the_journal() noexcept
{
    const char *const stream = std::getenv("JOURNAL_STREAM");
    struct stat status{};
    return stream != nullptr && ::fstat(STDERR_FILENO, &status) == 0 &&
           std::format("{}:{}", status.st_dev, status.st_ino) == stream;
}

} // namespace igotchuu
