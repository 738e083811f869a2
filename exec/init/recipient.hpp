// SPDX-License-Identifier: MIT
#pragma once

#include "exec/other-end.hpp"
#include "job/job.hpp"

#include <string>
#include <string_view>

namespace igotchuu
{

/// What a person is to be shown of a recovery key that was made and proven.
struct NewRecoveryKey {
    const Repository &repository;
    std::string_view key;
    std::string_view id; ///< restic's
    std::string working_key; ///< where that is
    bool made_repository = false;
};

/// The program that shows the recovery key to a person: lines of JSON go to it, and its answers come a word a line. A key never goes to a file, a terminal or the
/// journal from here. igotchuu-exec(8), "INIT".
class Recipient
{
public:
    /// Throws Failure where nobody is at the other end.
    explicit Recipient(const StopRequest &stop);

    /// There is a recovery key already; `made`: as restic tells it.
    void say_there(std::string_view id, std::string_view host, std::string_view made);
    /// Waits until it says "shown". Throws Failure when it does not, Cancelled when asked to stop.
    void hand_over(const NewRecoveryKey &key);
    void say_kept(); ///< the working key is in its place, and the record written
    /// Waits until it says "confirmed". False: it has gone, or we were asked to stop.
    [[nodiscard]] bool hears_confirmation();

private:
    const StopRequest &stop_;
    OtherEnd program_;
};

} // namespace igotchuu
