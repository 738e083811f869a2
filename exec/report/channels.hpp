// SPDX-License-Identifier: MIT
#pragma once

#include "exec/report/journal.hpp"
#include "exec/report/terminal.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace igotchuu
{

enum class Channel { journal, systemd, activity, record, terminal };
inline constexpr std::size_t channel_count = 5;

/// Who listens to one run, of a job or of a repository's maintenance. A channel that fails is said once on the others; nothing here throws because of it.
class Channels
{
public:
    /// `name` is the job's or the repository's, printable; `fields` are in each entry of the journal. The terminal is silent where stderr is the journal: each word
    /// is there once.
    Channels(std::string name, Fields fields);

    /// A sentence in the journal and on the terminal.
    void say(int priority, std::string_view message_id, const std::string &sentence, const Fields &fields = {},
             Tone tone = Tone::plain);
    /// Only in the journal.
    void log(int priority, std::string_view message_id, const std::string &sentence, const Fields &fields = {});
    /// Only on the terminal, when there is one.
    void show(const std::function<void(Terminal &)> &what);
    /// A line of restic's: an unreadable file, a word of its own. The first thousand of them.
    void complain(const std::string &line);
    /// A signal has put restic to a standstill: said once. `meanwhile`: what that holds up.
    void stands_still(pid_t process, int signal, std::string_view meanwhile);
    /// Does `what`, whose failure is that of `channel`.
    void attempt(Channel channel, const std::function<void()> &what);

    [[nodiscard]] const std::string &name() const noexcept { return name_; }

private:
    void failed(Channel channel, const std::string &why);

    std::string name_;
    Fields fields_;
    std::optional<Terminal> terminal_;
    std::array<bool, channel_count> said_{}; ///< of each channel, that it failed
    std::uint64_t complaints_ = 0;
    bool stood_still_ = false;
};

/// The same for a repository's maintenance.
[[nodiscard]] Fields maintenance_fields(std::string_view repository, std::string_view instance, const std::string &invocation_id);

/// The same for a look at how fresh a job's backup is: an entry of the unit that looks, and not of the job's.
[[nodiscard]] Fields freshness_fields(std::string_view job, std::string_view instance, const std::string &invocation_id);

/// The fields that every entry about a job has. OBJECT_SYSTEMD_UNIT makes journalctl -u find a run by hand as well.
[[nodiscard]] Fields job_fields(std::string_view job, std::string_view instance, const std::string &invocation_id);

} // namespace igotchuu
