// SPDX-License-Identifier: MIT
#include "tests/system/invariants.hpp"

#include "exec/report/message-id.hpp"
#include "exec/snapshot/btrfs-ioctl.hpp"
#include "job/error.hpp"
#include "job/fd.hpp"
#include "job/state-files.hpp"
#include "tests/system/stage.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <systemd/sd-journal.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>

namespace igotchuu::stage
{
namespace
{

namespace fs = std::filesystem;
using std::chrono::steady_clock;

constexpr std::array last_words{message_id::backup_completed, message_id::backup_partial, message_id::backup_stopped,
                                message_id::backup_failed,    message_id::backup_killed,  message_id::backup_put_off,
                                message_id::bad_configuration};

/// "" for what is gone meanwhile.
std::string text_of(const fs::path &path)
{
    std::ifstream file{path, std::ios::binary};
    std::ostringstream text;
    text << file.rdbuf(); // swallows what reading a process that is just gone throws
    return text.str();
}

std::vector<fs::path> entries(const fs::path &directory)
{
    std::error_code none;
    std::vector<fs::path> all;
    for (const auto &entry : fs::directory_iterator{directory, none})
        all.push_back(entry.path());
    return all;
}

/// Subvolumes, and what lies in the pool: of everybody, since what is not ours must stay too.
std::string subvolumes_and_pool(const std::string &top)
{
    const Fd root{open(top.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!root)
        fail(errno, "cannot open {}", top);
    std::string text;
    for (const auto &subvolume : btrfs::subvolumes(root))
        text += std::format("subvolume {} {} on {}\n", subvolume.id, subvolume.name, top);
    for (const auto &entry : entries(fs::path{top} / ".igotchuu"))
        text += std::format("{}\n", entry.native());
    return text;
}

std::string subvolumes(const Subject &subject)
{
    std::string text;
    for (const auto &top : subject.tops)
        text += subvolumes_and_pool(top);
    return text;
}

std::string difference(const std::string &before, const std::string &now)
{
    std::istringstream lines{now};
    std::string text;
    for (std::string line; std::getline(lines, line);)
        if (!before.contains(line + '\n'))
            text += "left: " + line + '\n';
    std::istringstream lost{before};
    for (std::string line; std::getline(lost, line);)
        if (!now.contains(line + '\n'))
            text += "gone from the host: " + line + '\n';
    return text;
}

/// Of the instance, and of the repository of that name. Looked up, not tried: a lock that is taken for a try keeps a run from beginning.
std::string held_locks(const std::string &instance)
{
    std::string text;
    const auto held = text_of("/proc/locks"); // "1: FLOCK  ADVISORY  WRITE 708 00:13:226 0 EOF"
    for (const auto &path : entries("/run/igotchuu/lock")) {
        struct stat status{};
        if (path.filename().native() != instance && path.filename().native() != '+' + instance)
            continue;
        if (stat(path.c_str(), &status) == 0 &&
            held.contains(std::format(" {:02x}:{:02x}:{} ", major(status.st_dev), minor(status.st_dev), status.st_ino)))
            text += "still locked: " + path.native() + '\n';
    }
    return text;
}

/// By their command lines, or because they are in the unit.
std::string processes(const std::string &instance)
{
    std::string text;
    for (const auto &process : entries("/proc")) {
        const auto name = text_of(process / "comm");
        if (name != "restic\n" && name != "setpriv\n" && name != "igotchuu-exec\n")
            continue;
        const auto state = text_of(process / "stat");
        if (state.contains(") Z ")) // ended: its parent is about to hear of it
            continue;
        const auto command = text_of(process / "cmdline"), unit = text_of(process / "cgroup");
        if (command.contains(std::string{'\0'} + instance + '\0') || command.contains("igotchuu-job=" + instance + '\0') ||
            unit.contains("/igotchuu@" + instance + ".service"))
            text += std::format("still running: {}{}\n", state, command);
    }
    return text;
}

/// Whole files stay as they are: a record, the cache's list of features.
std::string files_left(const std::string &instance)
{
    std::string text;
    const auto left = [&](const fs::path &path) { text += "left: " + path.native() + '\n'; };
    std::ranges::for_each(entries("/run/igotchuu/scratch"), left);
    for (const auto &path : entries("/run/igotchuu/state"))
        if (path.filename().native().contains(instance + ".json"))
            left(path);
    for (const auto &path : entries("/var/lib/igotchuu/jobs"))
        if (path.filename().native().starts_with('.') && path.filename().native().contains(instance + ".json"))
            left(path);
    for (const auto &path : entries("/var/cache/igotchuu"))
        if (path.filename().native().starts_with("restic-features.json."))
            left(path);
    for (const auto &path : entries("/var/lib/igotchuu"))
        if (path.native().ends_with(".new")) // of an embedded repository that is being made
            left(path);
    return text;
}

std::string shown_secrets(const std::string &canary)
{
    std::string text;
    for (const auto *const directory : {"/run/igotchuu/state", "/var/lib/igotchuu/jobs"})
        for (const auto &path : entries(directory))
            if (text_of(path).contains(canary))
                text += "the password is in " + path.native() + '\n';
    return text;
}

/// What the journal says of the instance since a cursor.
class Journal
{
public:
    Journal()
    {
        sd_journal *opened = nullptr;
        if (const int result = sd_journal_open(&opened, SD_JOURNAL_LOCAL_ONLY); result < 0)
            fail(-result, "cannot open the journal");
        journal_.reset(opened);
    }
    std::string end()
    {
        char *cursor = nullptr;
        if (sd_journal_seek_tail(journal_.get()) < 0 || sd_journal_previous(journal_.get()) <= 0 ||
            sd_journal_get_cursor(journal_.get(), &cursor) < 0)
            throw Failure{"the journal is empty"};
        const std::unique_ptr<char, decltype(&free)> text{cursor, free};
        return text.get();
    }
    void read_since(const std::string &cursor, const Subject &subject);
    /// Until the last word about that invocation is there; false: it did not come.
    bool await_last_word(const std::string &invocation, const std::string &cursor, const Subject &subject);

    std::map<std::string, int> finals{}; ///< last words by invocation
    std::string secrets{};

private:
    struct Close {
        void operator()(sd_journal *journal) const noexcept { sd_journal_close(journal); }
    };
    [[nodiscard]] std::string field(const char *name) const
    {
        const void *data = nullptr;
        std::size_t size = 0;
        if (sd_journal_get_data(journal_.get(), name, &data, &size) < 0)
            return {};
        return std::string{static_cast<const char *>(data), size}.substr(std::string_view{name}.size() + 1);
    }
    void look_for_canary(const std::string &canary);

    std::unique_ptr<sd_journal, Close> journal_;
};

void Journal::look_for_canary(const std::string &canary)
{
    const void *data = nullptr;
    std::size_t size = 0;
    SD_JOURNAL_FOREACH_DATA(journal_.get(), data, size)
    if (std::string_view{static_cast<const char *>(data), size}.contains(canary))
        secrets += "the password is in the journal: " + field("MESSAGE") + '\n';
}

void Journal::read_since(const std::string &cursor, const Subject &subject)
{
    finals.clear();
    secrets.clear();
    sd_journal_flush_matches(journal_.get());
    sd_journal_add_match(journal_.get(), ("IGOTCHUU_INSTANCE=" + subject.instance).c_str(), 0);
    sd_journal_add_disjunction(journal_.get());
    sd_journal_add_match(journal_.get(), ("_SYSTEMD_UNIT=igotchuu@" + subject.instance + ".service").c_str(), 0);
    sd_journal_seek_cursor(journal_.get(), cursor.c_str());
    while (sd_journal_next(journal_.get()) > 0) {
        if (sd_journal_test_cursor(journal_.get(), cursor.c_str()) > 0)
            continue;
        look_for_canary(subject.canary);
        const auto invocation = field("IGOTCHUU_INVOCATION");
        if (!invocation.empty())
            finals[invocation] += std::ranges::contains(last_words, field("MESSAGE_ID")) ? 1 : 0;
    }
}

bool Journal::await_last_word(const std::string &invocation, const std::string &cursor, const Subject &subject)
{
    const auto until = steady_clock::now() + std::chrono::seconds{10};
    for (;;) {
        read_since(cursor, subject);
        if (finals[invocation] > 0)
            return true;
        if (steady_clock::now() >= until)
            return false;
        sd_journal_wait(journal_.get(), 100'000);
    }
}

/// One entry in the record and one last word in the journal for every run that said anything. A run that could not reach one of them has said so
/// on the other channels (`unreached`), and is then excused from that one.
std::string reports(const Subject &subject, const std::string &cursor, const Unreached &unreached)
{
    const auto record = read_record({}, subject.instance);
    if (!record || record->history.empty())
        return "there is no record\n";
    Journal journal;
    std::string text;
    if (const auto &last = record->history.front().invocation_id; !journal.await_last_word(last, cursor, subject))
        text += std::format("the journal has no last word of {}\n", last);
    for (const auto &[invocation, finals] : journal.finals) {
        const bool excused = invocation == unreached.invocation;
        if (finals != 1 && !(finals == 0 && excused && unreached.journal))
            text += std::format("the journal has {} last words of {}\n", finals, invocation);
        if (const auto times = times_recorded(subject, invocation); times != 1 && !(times == 0 && excused && unreached.record))
            text += std::format("the record has {} entries of {}\n", times, invocation);
    }
    return text + journal.secrets;
}

} // namespace

std::string Before::text() const
{
    return journal_cursor + '\n' + subvolumes + '\n' + mounts;
}

Before Before::from(const std::string &text)
{
    const auto cursor = text.find('\n'), subvolumes = text.find("\n\n", cursor) + 1;
    return {.mounts = text.substr(subvolumes + 1),
            .subvolumes = text.substr(cursor + 1, subvolumes - cursor - 1),
            .journal_cursor = text.substr(0, cursor)};
}

Before look(const Subject &subject)
{
    return {.mounts = mounts(), .subvolumes = subvolumes(subject), .journal_cursor = Journal{}.end()};
}

std::string violations(const Subject &subject, const Before &before, const Unreached &unreached)
{
    return difference(before.mounts, mounts()) + difference(before.subvolumes, subvolumes(subject)) + held_locks(subject.instance) +
           processes(subject.instance) + files_left(subject.instance) + shown_secrets(subject.canary) +
           reports(subject, before.journal_cursor, unreached);
}

std::size_t times_recorded(const Subject &subject, const std::string &invocation)
{
    const auto record = read_record({}, subject.instance);
    return record ? static_cast<std::size_t>(std::ranges::count(record->history, invocation, &Run::invocation_id)) : 0;
}

Run recorded(const Subject &subject, const std::string &invocation)
{
    const auto record = read_record({}, subject.instance);
    if (const auto times = times_recorded(subject, invocation); times != 1)
        throw Failure{std::format("the record has {} entries of {}", times, invocation)};
    return *std::ranges::find(record->history, invocation, &Run::invocation_id);
}

} // namespace igotchuu::stage
