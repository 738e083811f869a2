// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace igotchuu
{

/// What a file or a directory holds is on the disk after this. Throws std::system_error.
void sync(const std::string &path);

/// New files that come to their places together: those that landed are removed with this object, unless all of them stay. Each is written beside its place, under a name that
/// nobody takes for a configuration file's, and never over a file that is there.
class NewFiles
{
public:
    NewFiles() = default;
    ~NewFiles();
    NewFiles(const NewFiles &) = delete;
    NewFiles &operator=(const NewFiles &) = delete;

    /// Throws std::system_error; Failure when there is such a file already.
    void land(const std::string &place, std::string_view text, mode_t mode);
    void stay() noexcept { landed_.clear(); }

private:
    std::vector<std::string> landed_;
};

} // namespace igotchuu
