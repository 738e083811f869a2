// SPDX-License-Identifier: MIT
#include "job/write-all.hpp"

#include "job/error.hpp"

#include <cerrno>
#include <unistd.h>

namespace igotchuu
{

void write_all(const Fd &file, std::string_view text, const std::string &path)
{
    while (!text.empty()) {
        const auto written = ::write(file.get(), text.data(), text.size());
        if (written < 0 && errno != EINTR)
            fail(errno, "cannot write {}", path);
        text.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
}

} // namespace igotchuu
