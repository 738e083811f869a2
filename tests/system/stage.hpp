// SPDX-License-Identifier: MIT
#pragma once

#include "exec/snapshot/btrfs.hpp"
#include "exec/view.hpp"
#include "job/fd.hpp"

#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

/// What the tests of snapshots and views play on: real btrfs on loop devices, a child in a mount namespace as exec is one, and a host beside it.
namespace igotchuu::stage
{

/// Runs a program to its end and returns its output. Throws Failure with it when the exit status is not 0.
std::string run(const std::vector<std::string> &command);

/// A btrfs on a loop device, mounted for as long as this object lives. Its image, in `directory`, has no name any more.
class Disk
{
public:
    explicit Disk(const std::string &name = "disk", const std::string &directory = "/tmp", unsigned mebibytes = 300);
    ~Disk();
    Disk(const Disk &) = delete;
    Disk &operator=(const Disk &) = delete;

    [[nodiscard]] const std::string &path() const noexcept { return mount_point_; }
    [[nodiscard]] std::string operator/(const std::string &below) const { return mount_point_ + '/' + below; }
    [[nodiscard]] std::string subvolumes() const; ///< as btrfs-progs lists them, without generations

private:
    std::string mount_point_;
};

/// An active swap file of 1 MiB. Swap is the host's, whatever machine turns it on: it must be off again in any case, and it must never lie on a
/// loop device whose image is in memory: what the host swaps out then waits for itself, for ever (seen).
class Swap
{
public:
    explicit Swap(std::string path);
    ~Swap();
    Swap(const Swap &) = delete;
    Swap &operator=(const Swap &) = delete;
    [[nodiscard]] static bool may_lie_on(const std::string &directory); ///< images for it: neither tmpfs nor an overlay over one

private:
    std::string path_;
};

/// A child process, killed with this object at the latest.
class Process
{
public:
    explicit Process(const std::function<void()> &work);
    ~Process();
    Process(const Process &) = delete;
    Process &operator=(const Process &) = delete;
    void kill_and_wait();

protected:
    pid_t pid_ = -1;
};

/// What runs in the namespace. `meet` in the child tells the test that a point is reached and waits for its leave.
class Actor
{
public:
    explicit Actor(int socket) : socket_{socket} {}
    void meet() const;

private:
    int socket_;
};

/// `play` in a child that has entered a private namespace. The test goes from meeting to meeting, and at the end looks for what went wrong.
class Play : private Process
{
public:
    explicit Play(const std::function<void(const Actor &)> &play);
    void meet(); ///< waits until the child is at its next meeting. Throws Failure with the child's error when it is not coming
    void go_on(); ///< gives leave
    void finish(); ///< waits for the end; throws as meet() does
    using Process::kill_and_wait;

private:
    Play(const std::function<void(const Actor &)> &play, std::pair<Fd, Fd> sockets);
    [[nodiscard]] std::string hear();
    Fd socket_;
};
/// A play without meetings.
void in_namespace(const std::function<void()> &play);

/// What `action` throws, as its text. Throws Failure when it does not throw.
std::string thrown_by(const std::function<void()> &action);
void must(bool condition, const std::string &what); ///< in a child: throws Failure

[[nodiscard]] std::vector<const Tree *> shows(const btrfs::Snapshots &snapshots);
[[nodiscard]] std::string read(const std::string &path);
void write(const std::string &path, const std::string &text);
[[nodiscard]] std::string mounts(); ///< /proc/self/mountinfo, but for what services of systemd mount for themselves
[[nodiscard]] std::string run_name(const std::string &instance = "test"); ///< a new one

} // namespace igotchuu::stage
