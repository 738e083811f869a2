// SPDX-License-Identifier: MIT
#pragma once

#include "com.nyantec.igotchuu1-adaptor.hpp"
#include "com.nyantec.igotchuu2-adaptor.hpp"
#include "dbus/services.hpp"
#include "job/state.hpp"

#include <string>
#include <vector>

namespace igotchuu
{

/// The interfaces of the first igotchuu, com.nyantec.igotchuu1 and its typed form: whichever job runs.
class Legacy final : public sdbus::AdaptorInterfaces<com::nyantec::igotchuu1_adaptor, com::nyantec::igotchuu2_adaptor>
{
public:
    explicit Legacy(const Services &services);
    ~Legacy() { unregisterAdaptor(); }
    Legacy(const Legacy &) = delete;
    Legacy &operator=(const Legacy &) = delete;

    void began();
    void progressed(const std::string &instance, const Activity &activity);
    void ended(const std::string &instance, const Run &run);

private:
    struct StopAll;

    void Stop(sdbus::Result<> &&result) override; // of both: they are one promise
    void stop_next(const std::shared_ptr<StopAll> &all);

    const Services &services_;
    std::map<std::string, Progress> told_; ///< by instance
};

} // namespace igotchuu
