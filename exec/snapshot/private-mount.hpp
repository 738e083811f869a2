// SPDX-License-Identifier: MIT
#pragma once

#include "exec/snapshot/mount-quietly.hpp"
#include "job/fd.hpp"

#include <string>

namespace igotchuu
{

/// A snapshot, mounted where nobody but this process comes by, until this object goes.
class PrivateMount
{
public:
    /// On the new directory `place`, on a private mount. Throws std::system_error.
    PrivateMount(const Mounting &mounting, std::string place);
    ~PrivateMount();
    PrivateMount(PrivateMount &&other) noexcept;
    PrivateMount &operator=(PrivateMount &&) = delete;

    [[nodiscard]] const Fd &root() const noexcept { return root_; } ///< O_PATH

    /// Takes it away from its place: root() alone leads to it from here on. Lazily: what is open of it must not keep us. Throws std::system_error.
    void hide();

private:
    int take_off() noexcept;

    std::string place_;
    bool mounted_ = false;
    Fd root_;
};

} // namespace igotchuu
