// SPDX-License-Identifier: MIT
#pragma once

#include "tests/system/scene.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace igotchuu::stage
{

/// What comes after a run that was struck.
enum class Then { reap_and_next_run, next_run };

/// Counts what was tried on a scene, and keeps what was wrong.
class Trials
{
public:
    /// `before_each` comes before each run that is struck.
    explicit Trials(const Scene &scene, std::function<void()> before_each = [] {});

    /// A run with the fault, then what comes then; and everything that must hold afterwards is looked at: with restores and
    /// `restic check --read-data` where restic had ended before the run did, and at one fault in 100.
    void play(const Fault &fault, Then then);

    [[nodiscard]] const std::vector<Fault> &points() const noexcept { return points_; } ///< of a good run: each system call
    [[nodiscard]] std::string summary() const; ///< for whoever watches
    [[nodiscard]] const std::string &wrong() const noexcept { return wrong_; } ///< empty: nothing

private:
    [[nodiscard]] std::string run_and_look(const Fault &fault, Then then);
    [[nodiscard]] std::string next_run(const std::string &invocation) const;
    [[nodiscard]] std::string disagreement(const Struck &run, const std::string &invocation) const;
    [[nodiscard]] std::string false_success(const std::string &invocation) const;

    const Scene &scene_;
    std::function<void()> before_each_;
    std::vector<Fault> points_;
    std::size_t tried_ = 0, struck_ = 0, bad_ = 0;
    std::chrono::steady_clock::time_point began_;
    std::string wrong_;
};

} // namespace igotchuu::stage
