// SPDX-License-Identifier: MIT
#include "exec/report/journal.hpp"

#include "job/error.hpp"

#define SD_JOURNAL_SUPPRESS_LOCATION // it would be this file's, always
#include <systemd/sd-journal.h>

#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdlib>

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

bool stderr_is_the_journal() noexcept
{
    const char *const stream = std::getenv("JOURNAL_STREAM");
    struct stat status{};
    return stream != nullptr && ::fstat(STDERR_FILENO, &status) == 0 &&
           std::format("{}:{}", status.st_dev, status.st_ino) == stream;
}

} // namespace igotchuu
