// SPDX-License-Identifier: MIT
#include "cli/exec-process.hpp"
#include "cli/repository.hpp"
#include "cli/terminal.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/exit-status.hpp"
#include "job/recovery-key.hpp"

#include <format>
#include <iostream>
#include <string.h>

namespace igotchuu
{

int confirm_recovery_key(const std::string &name)
{
    const StopSignals stop;
    const auto prompt = somebody_is_there()
                            ? std::format("The recovery key of the repository {} (it is not shown): ", printable(name))
                            : std::string{};
    auto typed = ask(prompt, Echo::off, stop);
    if (!typed)
        return static_cast<int>(stop.came() ? ExitStatus::stopped : ExitStatus::usage);
    auto key = typed_recovery_key(*typed);
    explicit_bzero(typed->data(), typed->size());
    if (!key)
        throw Failure{"that is no recovery key: " + key.error()};
    ExecProcess exec{{"confirm", name}, stop};
    exec.tell(*key);
    explicit_bzero(key->data(), key->size());
    const auto status = exec.wait();
    if (status == static_cast<int>(ExitStatus::success))
        std::cout << std::format("It opens the repository {}: confirmed.\n", printable(name));
    return status;
}

} // namespace igotchuu
