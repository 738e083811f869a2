// SPDX-License-Identifier: MIT
#pragma once

#include "exec/stop.hpp"

#include <optional>
#include <string>

namespace igotchuu
{

/// The program that has started us for a person: lines go to it by a pipe on our standard output, and come from it by our standard input. They may hold keys and
/// passwords, and are overwritten once they are said, or cut off here.
class OtherEnd
{
public:
    /// Throws Failure{nobody} where there is none.
    OtherEnd(const StopRequest &stop, const std::string &nobody);
    OtherEnd(const OtherEnd &) = delete;
    OtherEnd &operator=(const OtherEnd &) = delete;

    /// `line`: with its end. Throws std::system_error when it has gone.
    void say(std::string line) const;
    /// The next line, without its end. Nothing: it has gone, says more than 1 MiB in one line, or we were asked to stop.
    [[nodiscard]] std::optional<std::string> hear();

private:
    const StopRequest &stop_;
    std::string heard_; ///< and not yet a line
};

} // namespace igotchuu
