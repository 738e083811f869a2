// SPDX-License-Identifier: MIT
#pragma once

#include "cli/stop-signals.hpp"
#include "job/fd.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace igotchuu
{

/// An igotchuu-exec that works for us: its standard input and output are pipes of ours, what it says to a person goes to our standard error. A stop is handed on to it,
/// and it is waited for, whatever happens.
class ExecProcess
{
public:
    /// `arguments`: the verb and what follows it. Throws std::system_error.
    ExecProcess(const std::vector<std::string> &arguments, const StopSignals &stop);
    ~ExecProcess(); ///< its input ends, and it with that
    ExecProcess(const ExecProcess &) = delete;
    ExecProcess &operator=(const ExecProcess &) = delete;

    /// The next line that it prints, without its end; nothing: there are no more.
    [[nodiscard]] std::optional<std::string> line();
    void tell(std::string_view words); ///< one that has ended hears nothing
    void end_input() noexcept { input_ = Fd{}; }
    /// Its exit status, as a shell has it.
    [[nodiscard]] int wait();

private:
    void hand_on_stop() noexcept;

    const StopSignals &stop_;
    pid_t process_ = -1;
    Fd input_, output_;
    std::string read_; ///< and not yet a line
    bool stop_handed_on_ = false;
};

} // namespace igotchuu
