// SPDX-License-Identifier: MIT
#pragma once

#include "exec/snapshot/method.hpp"

#include <memory>

namespace igotchuu
{
class MountTable;
}

namespace igotchuu::zfs
{

/// The snapshots of all datasets that `sources` lie on and that are mounted below them, as this namespace has them mounted: a mountpoint property says
/// where a dataset would be, not where it is. DATASET@igotchuu-INVOCATION, of each pool at one instant, mounted read-only on `scratch` without zfs's
/// helper, never reached through .zfs: its automount runs a program on the host. zfs(8).
class Snapshots : public Frozen
{
public:
    /// As Method::freeze.
    explicit Snapshots(const Request &request);
    ~Snapshots() override;
    Snapshots(Snapshots &&) noexcept;
    Snapshots &operator=(Snapshots &&) noexcept;

    /// Under 1 % of what a dataset may have, 1 GiB, and half of what was free at the instant.
    [[nodiscard]] std::string short_of_space() const override;
    void hide() override;
    void remove() override;

private:
    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
};

extern const Method method;

} // namespace igotchuu::zfs
