// SPDX-License-Identifier: MIT
#pragma once

#include <unistd.h>
#include <utility>

namespace igotchuu
{

/// The only owner of a descriptor. Open with O_CLOEXEC; functions that only look at one take `int` or `const Fd &`.
class Fd
{
public:
    Fd() = default;
    explicit Fd(int fd) noexcept : fd_{fd} {}
    Fd(Fd &&other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
    Fd &operator=(Fd &&other) noexcept
    {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Fd()
    {
        if (fd_ >= 0)
            ::close(fd_);
    }

    [[nodiscard]] int get() const noexcept { return fd_; }
    [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }

private:
    int fd_ = -1;
};

} // namespace igotchuu
