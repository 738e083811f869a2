// SPDX-License-Identifier: MIT
#pragma once

#include "exec/notify/happening.hpp"
#include "exec/notify/letter.hpp"
#include "exec/stop.hpp"
#include "job/notify.hpp"

namespace igotchuu
{

// The ways to tell somebody. Each throws for what could not be told, and Cancelled.

void mail(const Notify &notify, const Happening &happening, const Circumstances &circumstances, const StopRequest &stop);
void run_command(const Notify &notify, const Happening &happening, const Circumstances &circumstances, const StopRequest &stop);
void send_ping(const Notify &notify, const Happening &happening, const Circumstances &circumstances, const StopRequest &stop);

} // namespace igotchuu
