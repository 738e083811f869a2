// SPDX-License-Identifier: MIT
#pragma once

#include "job/fd.hpp"

namespace igotchuu::retrieve
{

/// The mount namespace that we were started in. Make it before enter_private_namespace(). setns(2).
class CallersNamespace
{
public:
    CallersNamespace(); ///< throws std::system_error
    /// Its "/": what is opened from here is what the caller sees, wherever we are.
    [[nodiscard]] const Fd &root() const noexcept { return root_; }

    /// While this object lives we are there, and mount and unmount there; then in our own again, in its "/". Throws std::system_error.
    class Visit
    {
    public:
        explicit Visit(const CallersNamespace &to);
        ~Visit();
        Visit(const Visit &) = delete;
        Visit &operator=(const Visit &) = delete;

    private:
        Fd own_;
    };

private:
    Fd namespace_, root_;
};

} // namespace igotchuu::retrieve
