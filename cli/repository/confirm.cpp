// SPDX-License-Identifier: MIT
#include "cli/exec-process.hpp"
#include "cli/job-names.hpp"
#include "cli/repository/repository.hpp"
#include "cli/terminal.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/exit-status.hpp"
#include "job/load.hpp"
#include "job/recovery-key.hpp"
#include "job/unit-name.hpp"

#include <format>
#include <iostream>
#include <string.h>

namespace igotchuu
{

int confirm_recovery_key(const std::string &name)
{
    static_cast<void>(
        load_repository(SearchPath::standard(), repository_instance_of(name))); // before anybody types a key for nothing
    const StopSignals stop;
    auto typed = ask(std::format("The recovery key of the repository {} (it is not shown): ", printable(name)), Echo::off, stop);
    if (!typed && stop.came())
        return static_cast<int>(ExitStatus::stopped);
    if (!typed)
        throw UsageError{"no recovery key was given: it is asked for on a terminal, or read from a pipe"};
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
