// SPDX-License-Identifier: MIT
#include "exec/child.hpp"

#include "job/error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

extern "C" { // glibc 2.41's header has none of its own
#include <sys/pidfd.h>
}

namespace igotchuu
{

namespace
{

using SteadyClock = std::chrono::steady_clock;
constexpr auto never = SteadyClock::time_point::max();

struct FileActions : posix_spawn_file_actions_t {
    FileActions() { check(posix_spawn_file_actions_init(this)); }
    ~FileActions() { posix_spawn_file_actions_destroy(this); }
    FileActions(const FileActions &) = delete;
    FileActions &operator=(const FileActions &) = delete;
    static void check(int error)
    {
        if (error != 0)
            fail(error, "cannot prepare a child's descriptors");
    }
};

struct Attributes : posix_spawnattr_t {
    /// An ignored SIGINT or SIGPIPE and a blocked SIGTERM would be inherited: systemd and shells do ignore some.
    Attributes()
    {
        posix_spawnattr_init(this);
        sigset_t none, all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(this, &none);
        posix_spawnattr_setsigdefault(this, &all);
        posix_spawnattr_setpgroup(this, 0);
        posix_spawnattr_setflags(this, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    }
    ~Attributes() { posix_spawnattr_destroy(this); }
    Attributes(const Attributes &) = delete;
    Attributes &operator=(const Attributes &) = delete;
};

/// SIGCHLD by a signalfd, while this object lives: a pidfd tells of the exit only, not of a standstill.
class ChildSignal
{
public:
    ChildSignal()
    {
        sigset_t signals;
        sigemptyset(&signals);
        sigaddset(&signals, SIGCHLD);
        fd_ = Fd{signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK)};
        if (!fd_ || sigprocmask(SIG_BLOCK, &signals, &before_) < 0)
            fail(errno, "cannot listen for the signals of a child");
    }
    ~ChildSignal() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
    ChildSignal(const ChildSignal &) = delete;
    ChildSignal &operator=(const ChildSignal &) = delete;
    [[nodiscard]] int fd() const noexcept { return fd_.get(); }
    void take() const
    {
        signalfd_siginfo info{}; // says no more than that something happened: several signals become one
        static_cast<void>(read(fd_.get(), &info, sizeof info));
    }

private:
    Fd fd_;
    sigset_t before_{};
};

std::vector<char *> pointers(const std::vector<std::string> &strings)
{
    std::vector<char *> all;
    for (const auto &string : strings)
        all.push_back(const_cast<char *>(string.c_str())); // posix_spawn(3) wants char *const[] and writes nothing
    all.push_back(nullptr);
    return all;
}

SteadyClock::time_point after(std::chrono::milliseconds time)
{
    return time == std::chrono::milliseconds::max() ? never : SteadyClock::now() + time;
}

/// poll(2)'s timeout until `then`, rounded up.
int timeout(SteadyClock::time_point then)
{
    if (then == never)
        return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(then - SteadyClock::now()).count();
    return static_cast<int>(std::clamp<decltype(left)>(left, 0, 3'600'000));
}

/// Hands on what there is; false at the end of the stream.
bool read_some(const Fd &from, const Child::Sink &sink)
{
    std::array<char, 65536> buffer;
    const auto got = read(from.get(), buffer.data(), buffer.size());
    if (got < 0 && errno != EINTR && errno != EAGAIN)
        fail(errno, "cannot read the output of a child");
    if (got > 0)
        sink({buffer.data(), static_cast<std::size_t>(got)});
    return got != 0;
}

} // namespace

Pipe::Pipe()
{
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) < 0)
        fail(errno, "cannot make a pipe for a child");
    read = Fd{ends[0]};
    write = Fd{ends[1]};
}

Child::Child(const Command &command)
{
    Pipe output, errors;
    FileActions actions;
    if (command.input < 0)
        FileActions::check(posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0));
    else
        FileActions::check(posix_spawn_file_actions_adddup2(&actions, command.input, STDIN_FILENO));
    FileActions::check(posix_spawn_file_actions_adddup2(&actions, output.write.get(), STDOUT_FILENO));
    FileActions::check(posix_spawn_file_actions_adddup2(&actions, errors.write.get(), STDERR_FILENO));
    for (const auto fd : command.inherited) // onto itself: takes the close-on-exec flag off, in the child alone
        FileActions::check(posix_spawn_file_actions_adddup2(&actions, fd, fd));
    FileActions::check(posix_spawn_file_actions_addchdir_np(&actions, command.directory.c_str()));

    const Attributes attributes;
    const auto &program = command.arguments.front();
    int pidfd = -1;
    const auto error = pidfd_spawn(&pidfd, program.c_str(), &actions, &attributes, pointers(command.arguments).data(),
                                   pointers(command.environment).data());
    if (error != 0)
        fail(error, "cannot start {}", program);
    pidfd_ = Fd{pidfd};
    output_ = std::move(output.read);
    errors_ = std::move(errors.read);
}

Child::~Child()
{
    if (!pidfd_)
        return;
    try {
        ask_to_end(); // not SIGKILL at once: restic would leave its lock in the repository
        const auto ignore = [](std::string_view) {};
        wait(ignore, ignore, {.at_most = std::chrono::seconds{10}});
    } catch (...) {
        signal(SIGKILL);
    }
}

pid_t Child::process() const noexcept
{
    return pidfd_getpid(pidfd_.get());
}

void Child::signal(int number) noexcept
{
    pidfd_send_signal(pidfd_.get(), number, nullptr, 0); // fails only for one that is gone already
}

void Child::ask_to_end() noexcept
{
    signal(SIGINT); // once: restic swallows a second one
    if (const auto process = pidfd_getpid(pidfd_.get()); process > 0)
        kill(-process, SIGCONT); // what stands still hears nothing; nor does its ssh, which it needs for a clean end
}

void Child::look_for_standstill(const Patience &patience)
{
    siginfo_t info{};
    if (waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, WSTOPPED | WNOHANG) == 0 && info.si_pid != 0)
        patience.stands_still(info.si_pid, info.si_status);
}

bool Child::read_until(const std::function<bool()> &enough, const Sink &output, const Sink &errors, SteadyClock::time_point until,
                       int stop)
{
    enum { Output, Errors, Stop };
    std::array<pollfd, 3> polled{{{output_.get(), POLLIN, 0}, {errors_.get(), POLLIN, 0}, {stop, POLLIN, 0}}};
    while (!enough()) {
        if (poll(polled.data(), polled.size(), timeout(until)) < 0 && errno != EINTR)
            fail(errno, "cannot wait for the words of a child");
        if (std::exchange(polled[Errors].revents, short{}) && !read_some(errors_, errors))
            polled[Errors].fd = -1;
        const bool ended = std::exchange(polled[Output].revents, short{}) && !read_some(output_, output);
        if (!enough() && (ended || polled[Stop].revents != 0 || SteadyClock::now() >= until))
            return false;
    }
    return true;
}

ChildEnd Child::wait(const Sink &output, const Sink &errors, const Patience &patience)
{
    enum { Output, Errors, Exit, Stop, Change };
    const ChildSignal change;
    look_for_standstill(patience); // that of which the signal came before we listened
    std::array<pollfd, 5> polled{{{output_.get(), POLLIN, 0},
                                  {errors_.get(), POLLIN, 0},
                                  {pidfd_.get(), POLLIN, 0},
                                  {patience.stop, POLLIN, 0},
                                  {change.fd(), POLLIN, 0}}};
    auto kill_at = after(patience.at_most), gone_by = never, drained_by = never,
         look_at = patience.give_up ? SteadyClock::now() : never;
    bool interrupted = false, killed = false;
    const auto wants_to_give_up = [&] {
        if (SteadyClock::now() < look_at)
            return false;
        look_at = after(std::chrono::seconds{1});
        return patience.give_up();
    };
    const auto came = [&](int which) { return std::exchange(polled[static_cast<std::size_t>(which)].revents, short{}) != 0; };
    const auto done = [&](int which) { polled[static_cast<std::size_t>(which)].fd = -1; };

    while (std::any_of(polled.begin(), polled.begin() + Stop, [](const pollfd &one) { return one.fd >= 0; })) {
        if (poll(polled.data(), polled.size(), timeout(std::min({kill_at, gone_by, drained_by, look_at}))) < 0 && errno != EINTR)
            fail(errno, "cannot wait for a child");
        if (came(Stop) || wants_to_give_up()) {
            ask_to_end();
            interrupted = true;
            kill_at = std::min(kill_at, after(patience.grace));
            look_at = never;
            done(Stop);
        }
        if (came(Change)) {
            change.take();
            look_for_standstill(patience);
        }
        if (came(Output) && !read_some(output_, output))
            done(Output);
        if (came(Errors) && !read_some(errors_, errors))
            done(Errors);
        if (came(Exit)) {
            done(Exit);
            done(Stop);
            kill_at = gone_by = look_at = never;
            drained_by = after(std::chrono::seconds{5});
        }
        if (SteadyClock::now() >= kill_at) {
            signal(SIGKILL);
            killed = true;
            kill_at = never;
            gone_by = after(patience.gone_within);
        }
        if (SteadyClock::now() >= gone_by) {
            pidfd_ = Fd{};
            return {.signal = SIGKILL, .interrupted = interrupted, .killed = true, .stuck = true};
        }
        if (SteadyClock::now() >= drained_by)
            break;
    }
    auto end = reap();
    end.interrupted = interrupted;
    end.killed = killed;
    return end;
}

ChildEnd Child::reap()
{
    siginfo_t info{};
    while (waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, WEXITED) < 0)
        if (errno != EINTR)
            fail(errno, "cannot reap a child");
    pidfd_ = Fd{};
    if (info.si_code == CLD_EXITED)
        return {.status = info.si_status};
    return {.signal = info.si_status};
}

} // namespace igotchuu
