// SPDX-License-Identifier: MIT
#pragma once

#include "job/fd.hpp"

#include <optional>
#include <string>

#include <sys/types.h>

/// What the kernel says of logical volumes, without a program of LVM's: cheap, and without their nodes in /dev. linux/dm-ioctl.h, sysfs.
namespace igotchuu::lvm
{

/// Whether the block device is one of LVM's (of a dm-crypt on it, say, it is not).
[[nodiscard]] bool is_logical_volume(dev_t device);

/// The node that the kernel itself makes (devtmpfs), with the device: nobody has to wait for udev. Throws Failure when it leads elsewhere.
[[nodiscard]] std::string node_of(dev_t device);

/// Resumes `device` where it is suspended. Without LVM's lock, under which somebody may be at work on it: for when LVM does not answer. Throws
/// std::system_error.
void resume_suspended(dev_t device);

/// Of one thin pool, for as long as a volume of it is in use: how full it is.
class PoolWatch
{
public:
    /// The pool of the thin volume `volume`, which is active. Throws std::system_error without /dev/mapper/control, or CAP_SYS_ADMIN.
    explicit PoolWatch(dev_t volume);

    /// As fill_of_pool() has it; nothing where the kernel does not say.
    [[nodiscard]] std::optional<double> fill() const;

    /// Whether the next writes may be the last ones; not when the kernel does not say.
    [[nodiscard]] bool runs_full() const;
    /// How much is free up to `limit`, both in percent of the pool; all of it when the kernel does not say.
    [[nodiscard]] unsigned free_percent(double limit) const;

private:
    Fd control_; ///< held open: while restic runs there are few nodes in /dev
    dev_t pool_;
};

} // namespace igotchuu::lvm
