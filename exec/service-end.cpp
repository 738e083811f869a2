// SPDX-License-Identifier: MIT
#include "exec/service-end.hpp"

#include <cstdlib>

namespace igotchuu
{

ServiceEnd service_end_of_environment(std::string_view prefix)
{
    const auto told = [&](std::string_view name) {
        const char *value = std::getenv((std::string{prefix} + std::string{name}).c_str());
        return std::string{value == nullptr ? "" : value};
    };
    return {told("INVOCATION_ID"), told("SERVICE_RESULT"), told("EXIT_CODE"), told("EXIT_STATUS")};
}

} // namespace igotchuu
