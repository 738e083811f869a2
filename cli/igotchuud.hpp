// SPDX-License-Identifier: MIT
#pragma once

#include "cli/overview.hpp"

#include <sdbus-c++/sdbus-c++.h>

#include <memory>
#include <string>
#include <vector>

namespace igotchuu
{

/// igotchuud on the bus, com.nyantec.igotchuu(5): for whoever is not root. polkit may ask a person for a password. Everything throws Failure, whose sentence
/// says what to do; and UsageError for a job that it does not know.
class Igotchuud
{
public:
    Igotchuud();

    [[nodiscard]] std::vector<Standing> jobs(); ///< but for their schedules
    void start(const std::string &job);
    void stop(const std::string &job);
    void reload();

private:
    std::unique_ptr<sdbus::IConnection> bus_;
    std::unique_ptr<sdbus::IProxy> manager_;
};

} // namespace igotchuu
