// SPDX-License-Identifier: MIT
#include "tests/system/strike.hpp"

#include "job/error.hpp"
#include "job/fd.hpp"
#include "tests/system/stage.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace igotchuu::stage
{
namespace
{

using std::chrono::steady_clock;

sigset_t only(int signal)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    return set;
}

/// Blocks SIGCHLD for as long as it lives, so that waiting for a child can have a limit.
class Children
{
public:
    Children()
    {
        prctl(PR_SET_CHILD_SUBREAPER, 1);
        sigprocmask(SIG_BLOCK, &sigchld_, &before_);
    }
    ~Children() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
    Children(const Children &) = delete;
    Children &operator=(const Children &) = delete;

    /// The next child or tracee that has changed; 0 when none has until then, -1 when there is none.
    pid_t next(int &status, steady_clock::time_point until) const
    {
        for (;;) {
            const pid_t pid = waitpid(-1, &status, __WALL | WNOHANG);
            const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(until - steady_clock::now()).count();
            if (pid != 0 || left <= 0)
                return pid;
            const timespec patience{left / 1'000'000'000, left % 1'000'000'000};
            sigtimedwait(&sigchld_, nullptr, &patience);
        }
    }
    [[nodiscard]] const sigset_t &before() const { return before_; }

private:
    sigset_t sigchld_ = only(SIGCHLD), before_{};
};

std::vector<char *> pointers(const std::vector<std::string> &strings)
{
    std::vector<char *> all;
    for (const auto &string : strings)
        all.push_back(const_cast<char *>(string.c_str())); // execve(2) writes nothing
    all.push_back(nullptr);
    return all;
}

/// What each thread of the process waits for, a line each.
std::string where_it_is(pid_t pid)
{
    std::string text;
    for (const auto &task : std::filesystem::directory_iterator{"/proc/" + std::to_string(pid) + "/task"})
        for (const auto *const what : {"comm", "syscall", "wchan", "stack"}) {
            std::ifstream file{task.path() / what};
            std::ostringstream said;
            said << file.rdbuf();
            text += std::format("{} {}: {}\n", task.path().filename().native(), what, said.str());
        }
    return text;
}

class Tracer
{
public:
    Tracer(const std::vector<std::string> &command, const std::vector<std::string> &environment, const Fault &fault, Watch watch);
    Struck run(std::chrono::seconds limit);

private:
    struct Tracee {
        bool begun = false; ///< its first stop is the kernel's, not its own
        bool failing = false; ///< in the call that is to fail
    };
    void start(const std::vector<std::string> &command, std::vector<std::string> environment) const;
    void stopped(pid_t pid, int status);
    void at_call(pid_t pid, Tracee &tracee);
    void at_exec(pid_t pid);
    void go_on(pid_t pid, int signal);
    [[nodiscard]] bool all_seen() const
    {
        return executed_ && watch_ == Watch::until_struck && (struck_.struck || fault_.call < 0);
    }

    const Fault &fault_;
    Watch watch_;
    std::size_t nth_ = 0;
    Children children_;
    Fd errors_;
    pid_t first_;
    std::map<pid_t, Tracee> tracees_;
    bool executed_ = false, ended_ = false;
    Struck struck_;
};

Tracer::Tracer(const std::vector<std::string> &command, const std::vector<std::string> &environment, const Fault &fault,
               Watch watch)
    : fault_{fault}, watch_{watch}, errors_{memfd_create("errors", MFD_CLOEXEC)}, first_{errors_ ? fork() : -1}
{
    if (first_ < 0)
        fail(errno, "cannot fork for {}", command.front());
    if (first_ == 0)
        start(command, environment);
    int status = 0;
    if (waitpid(first_, &status, 0) != first_ || !WIFSTOPPED(status) ||
        ptrace(PTRACE_SETOPTIONS, first_, nullptr,
               PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC |
                   PTRACE_O_EXITKILL) < 0)
        fail(errno, "cannot trace {}", command.front());
    tracees_[first_].begun = true;
    go_on(first_, 0);
}

/// The child, until it is the program.
void Tracer::start(const std::vector<std::string> &command, std::vector<std::string> environment) const
{
    environment.push_back("SYSTEMD_EXEC_PID=" + std::to_string(getpid()));
    sigprocmask(SIG_SETMASK, &children_.before(), nullptr);
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    dup2(errors_.get(), STDERR_FILENO);
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) < 0 || raise(SIGSTOP) != 0)
        _exit(127);
    execve(command.front().c_str(), pointers(command).data(), pointers(environment).data());
    _exit(127);
}

Struck Tracer::run(std::chrono::seconds limit)
{
    auto until = steady_clock::now() + limit;
    while (!ended_ || !tracees_.empty()) {
        int status = 0;
        const pid_t pid = children_.next(status, until);
        if (pid < 0)
            break;
        if (pid == 0) {
            struck_.in_time = false;
            struck_.hung_in = where_it_is(first_);
            kill(first_, SIGKILL);
            for (const auto &[tracee, state] : tracees_)
                kill(tracee, SIGKILL);
            until += std::chrono::seconds{10};
        } else if (WIFSTOPPED(status)) {
            stopped(pid, status);
        } else {
            tracees_.erase(pid);
            if (pid == first_) {
                ended_ = true;
                struck_.status = status;
            }
        }
    }
    struck_.errors = read("/proc/self/fd/" + std::to_string(errors_.get()));
    return std::move(struck_);
}

/// Once it is struck, it is left alone: the fault of a call is in place when that call has returned.
void Tracer::go_on(pid_t pid, int signal)
{
    if (!all_seen() || tracees_[pid].failing) {
        ptrace(PTRACE_SYSCALL, pid, nullptr, signal);
        return;
    }
    ptrace(PTRACE_DETACH, pid, nullptr, signal);
    tracees_.erase(pid);
}

void Tracer::stopped(pid_t pid, int status)
{
    auto &tracee = tracees_[pid]; // a new thread's first stop may come before its parent's word of it
    const int signal = WSTOPSIG(status), event = status >> 16;
    if (signal == (SIGTRAP | 0x80)) {
        at_call(pid, tracee);
        go_on(pid, 0);
    } else if (event == PTRACE_EVENT_EXEC) {
        at_exec(pid);
    } else if (event != 0 || (signal == SIGSTOP && !std::exchange(tracee.begun, true))) {
        go_on(pid, 0);
    } else {
        go_on(pid, signal);
    }
}

void Tracer::at_call(pid_t pid, Tracee &tracee)
{
    if (!executed_)
        return;
    __ptrace_syscall_info info{};
    if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) <= 0)
        return; // it was killed this very moment
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        struck_.calls.push_back(static_cast<long>(info.entry.nr));
        if (struck_.calls.back() != fault_.call || ++nth_ != fault_.nth)
            return;
        struck_.struck = true;
        if (fault_.error == 0)
            kill(first_, SIGKILL);
        else if (ptrace(PTRACE_POKEUSER, pid, offsetof(user, regs.orig_rax), -1) == 0)
            tracee.failing = true;
    } else if (std::exchange(tracee.failing, false)) {
        ptrace(PTRACE_POKEUSER, pid, offsetof(user, regs.rax), -static_cast<long>(fault_.error));
    }
}

void Tracer::at_exec(pid_t pid)
{
    if (pid == first_) {
        executed_ = true;
        go_on(pid, 0);
        return;
    }
    for (const auto *const what : {"cmdline", "environ"})
        struck_.started += read("/proc/" + std::to_string(pid) + '/' + what) + '\n';
    ptrace(PTRACE_DETACH, pid, nullptr, 0);
    tracees_.erase(pid);
}

/// "" when there is none.
std::string names_of_children()
{
    std::ifstream children{"/proc/self/task/" + std::to_string(getpid()) + "/children"};
    std::string names;
    for (std::string pid; children >> pid;) {
        std::ifstream file{"/proc/" + pid + "/comm"};
        std::string name;
        std::getline(file, name);
        names += name + ' ';
    }
    return names;
}

} // namespace

bool Struck::exited_with(int code) const
{
    return WIFEXITED(status) && WEXITSTATUS(status) == code;
}

Struck strike(const std::vector<std::string> &command, const std::vector<std::string> &environment, const Fault &fault, Watch watch,
              std::chrono::seconds limit)
{
    return Tracer{command, environment, fault, watch}.run(limit);
}

std::vector<Fault> points_of(const std::vector<long> &calls)
{
    std::vector<Fault> points;
    std::map<long, std::size_t> seen;
    for (const long call : calls)
        points.push_back({.call = call, .nth = ++seen[call]});
    return points;
}

std::string orphans_after(std::chrono::seconds limit)
{
    const Children children;
    std::string left;
    auto until = steady_clock::now() + limit;
    for (int status = 0;;) {
        const pid_t pid = children.next(status, until);
        if (pid < 0)
            return left;
        if (pid > 0)
            continue;
        left = names_of_children();
        std::ifstream file{"/proc/self/task/" + std::to_string(getpid()) + "/children"};
        for (pid_t child; file >> child;)
            kill(child, SIGKILL);
        until += std::chrono::seconds{5};
    }
}

bool can_fail(long call)
{
    constexpr std::array never{
        SYS_exit,   SYS_exit_group, SYS_rt_sigreturn, SYS_getpid,          SYS_getuid, SYS_geteuid,
        SYS_getgid, SYS_getegid,    SYS_sched_yield,  SYS_set_tid_address, SYS_futex}; // one that wakes nobody: the kernel has no such failure, and no library can cope with it
    return !std::ranges::contains(never, call);
}

namespace
{

std::string name_of_call(long call)
{
    std::ifstream header{"/usr/include/x86_64-linux-gnu/asm/unistd_64.h"}; // "#define __NR_read 0"
    std::string define, name;
    for (long number = 0; header >> define;)
        if (define == "#define" && header >> name && name.starts_with("__NR_") && header >> number && number == call)
            return name.substr(5);
    return std::to_string(call);
}

} // namespace

std::string to_string(const Fault &fault)
{
    return std::format("{} at {} {}", fault.error == 0 ? "SIGKILL" : strerrorname_np(fault.error), name_of_call(fault.call),
                       fault.nth);
}

} // namespace igotchuu::stage
