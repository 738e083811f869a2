// SPDX-License-Identifier: MIT
#include "dbus/announced.hpp"

#include "job/error.hpp"

#include <sys/mman.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#include <cstdlib>
#include <format>
#include <sstream>

namespace igotchuu
{
namespace
{

constexpr std::string_view name_in_store = "announced";

/// Of several (there is one) the last; the others are closed.
Fd kept()
{
    Fd found;
    char **names = nullptr;
    const int count = sd_listen_fds_with_names(1, &names);
    for (int i = 0; i < count; ++i) {
        Fd one{SD_LISTEN_FDS_START + i};
        if (names[i] == name_in_store)
            found = std::move(one);
        std::free(names[i]); // NOLINT(cppcoreguidelines-no-malloc): libsystemd's contract
    }
    std::free(static_cast<void *>(names)); // NOLINT(cppcoreguidelines-no-malloc)
    return found;
}

} // namespace

Announced::Announced() : memory_{kept()}
{
    if (memory_) {
        read();
        return;
    }
    memory_ = Fd{memfd_create("igotchuud-announced", MFD_CLOEXEC)};
    if (!memory_)
        fail(errno, "cannot make a memfd");
    const auto store = std::format("FDSTORE=1\nFDNAME={}", name_in_store);
    const int descriptor = memory_.get();
    if (const int result = sd_pid_notify_with_fds(0, 0, store.c_str(), &descriptor, 1); result < 0)
        fail(-result, "cannot give systemd what is to be kept");
}

const Announced::Told &Announced::of(const std::string &instance) const
{
    static const Told nothing;
    const auto found = jobs_.find(instance);
    return found == jobs_.end() ? nothing : found->second;
}

void Announced::began(const std::string &instance, const std::string &invocation_id)
{
    jobs_[instance].begun = invocation_id;
    write();
}

void Announced::ended(const std::string &instance, const std::string &invocation_id)
{
    jobs_[instance] = {.begun = {}, .ended = invocation_id};
    write();
}

/// A line a job, "INSTANCE BEGUN ENDED" with "-" for none; an instance has no space in it. A half one, from a process that was killed while it
/// wrote, is none.
void Announced::read()
{
    struct stat status{};
    if (::fstat(memory_.get(), &status) < 0)
        fail(errno, "cannot read what was announced");
    std::string text(static_cast<std::size_t>(status.st_size), '\0');
    if (::pread(memory_.get(), text.data(), text.size(), 0) != status.st_size)
        fail(errno, "cannot read what was announced");
    std::istringstream lines{text};
    for (std::string instance, begun, ended; lines >> instance >> begun >> ended && !lines.eof();)
        jobs_[instance] = {.begun = begun == "-" ? "" : begun, .ended = ended == "-" ? "" : ended};
}

void Announced::write() const
{
    const auto word = [](const std::string &text) { return text.empty() ? "-" : text; };
    std::string text;
    for (const auto &[instance, told] : jobs_)
        text += std::format("{} {} {}\n", instance, word(told.begun), word(told.ended));
    if (::pwrite(memory_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()) ||
        ::ftruncate(memory_.get(), static_cast<off_t>(text.size())) < 0)
        fail(errno, "cannot keep what was announced");
}

} // namespace igotchuu
