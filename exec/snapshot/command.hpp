// SPDX-License-Identifier: MIT
#pragma once

#include "exec/snapshot/method.hpp"

namespace igotchuu::command
{

/// The admin's own programs: `prepare` makes directories that stand still, `cleanup` takes them away, whatever happened in between.
extern const Method method;

} // namespace igotchuu::command
