// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>
#include <vector>

namespace igotchuu
{

/// A directory whose file system is served by another machine or by a program, NFS or FUSE, which does not answer.
struct Unanswered {
    std::string path;
    std::string type; ///< "nfs4"
};

/// Which of `paths` are such. They are asked by a child: whoever asks a dead one waits for ever, deaf to any signal but SIGKILL. `stop` as in Tool. Where
/// the file system is one of this machine's own, nobody is asked.
[[nodiscard]] std::vector<Unanswered> unanswered(std::span<const std::string> paths, int stop = -1);

} // namespace igotchuu
