// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace igotchuu
{

struct Job;
class StopRequest;

/// What keeps databases and the like still while the snapshots of a run are taken: the programs of the job's key `hold`, each of which says READY on its standard
/// output, and lets go when its standard input ends. It does end when this process does, however that comes.
class Holders
{
public:
    /// Starts them, each when the one before has said READY; none where the job has none. Throws Failure with the program and its last words, and
    /// Cancelled; then all of them have let go.
    Holders(const Job &job, const std::string &invocation_id, const StopRequest &stop);
    ~Holders(); ///< lets them go, and ends the one that does not; only logged when that fails
    Holders(const Holders &) = delete;
    Holders &operator=(const Holders &) = delete;

    /// Lets them go, and waits for their ends. Returns for how long something was held: from the first READY to here; 0: there are none. Throws Failure
    /// when one of them was not there until now, did not end well, or the time for all this was over before: the snapshots are not what they were to be.
    std::chrono::microseconds let_go();

private:
    using Moment = std::chrono::steady_clock::time_point;
    class Holder;

    Holders(const Job &job, const StopRequest &stop);
    void start(const std::string &invocation_id);

    const Job &job_;
    const StopRequest &stop_;
    Moment until_{}, held_since_{};
    std::vector<std::unique_ptr<Holder>> holders_;
};

/// Lets go what a killed run of the job has held: it was told by the end of its standard input; one that has not heard is ended. Throws Failure when it goes on.
void end_left_holders(const std::string &instance);

} // namespace igotchuu
