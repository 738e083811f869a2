// SPDX-License-Identifier: MIT
#pragma once

#include "com.nyantec.igotchuu.Job1-adaptor.hpp"
#include "dbus/services.hpp"
#include "job/state.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace igotchuu
{

/// com.nyantec.igotchuu.Job1 of one job. Its XML says what each member is.
class JobObject final : public sdbus::AdaptorInterfaces<com::nyantec::igotchuu::Job1_adaptor>
{
public:
    JobObject(const Services &services, JobName job, bool configured);
    ~JobObject() { unregisterAdaptor(); }
    JobObject(const JobObject &) = delete;
    JobObject &operator=(const JobObject &) = delete;

    [[nodiscard]] const JobName &job() const noexcept { return job_; }
    [[nodiscard]] bool configured() const noexcept { return configured_; }
    [[nodiscard]] std::string State() override;

    void appeared() { getObject().emitInterfacesAddedSignal(); }
    void vanishes() { getObject().emitInterfacesRemovedSignal(); }
    void began(const Activity &activity);
    void progressed(const Activity &activity);
    void ended(const Run &run);
    void recorded(const Record &record); ///< with or without a run: what was a success may be none any more
    void unit_changed();
    void next_run(std::uint64_t timestamp); ///< microseconds since the epoch

    /// Start of this interface and of the manager's.
    void start(Right right, const Answer<> &answer);

private:
    using RepositoryRow = sdbus::Struct<std::string, std::string, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t,
                                        std::uint64_t, std::uint64_t, std::uint64_t, std::int64_t, std::int64_t, std::uint64_t,
                                        std::uint64_t, std::uint64_t, double, std::string>;
    using ProvenRow = sdbus::Struct<std::string, std::uint64_t, std::uint64_t, std::string, std::string, std::uint64_t,
                                    std::uint64_t, std::uint64_t>;
    using RetentionRow = sdbus::Struct<std::string, std::string, std::uint64_t, std::uint64_t, std::uint64_t>;
    using RanRow = sdbus::Struct<std::string, std::string, std::uint64_t, std::uint64_t>;
    struct Past {
        explicit Past(Record record);
        void add(const Run &run); ///< of which there is no record, or a newer one already

        std::optional<Run> last{}; ///< as last_own_run() says
        std::optional<Run> ran{}; ///< as last_that_ran() says
        std::vector<RepositoryResult> repositories{};
        std::uint64_t last_success = 0;
        std::vector<igotchuu::LastProven> proven{};
        std::vector<RepositoryResult> retentions{};
    };

    void Start(sdbus::Result<> &&result) override;
    void Stop(sdbus::Result<> &&result) override;
    void GetSources(sdbus::Result<std::vector<std::string>> &&result) override;
    void GetLastMessages(sdbus::Result<std::vector<std::string>> &&result) override;
    std::string Name() override { return job_.name; }
    std::string Unit() override;
    bool Configured() override { return configured_; }
    std::string Phase() override;
    std::string Repository() override;
    std::string InvocationID() override;
    std::uint64_t StartedTimestamp() override;
    std::uint64_t SecondsElapsed() override { return progress().seconds_elapsed; }
    std::uint64_t SecondsRemaining() override { return progress().seconds_remaining; }
    double PercentDone() override { return progress().percent_done; }
    std::uint64_t TotalFiles() override { return progress().total_files; }
    std::uint64_t FilesDone() override { return progress().files_done; }
    std::uint64_t TotalBytes() override { return progress().total_bytes; }
    std::uint64_t BytesDone() override { return progress().bytes_done; }
    std::uint64_t ErrorCount() override { return progress().error_count; }
    std::string LastResult() override;
    std::string LastInvocationID() override;
    std::uint64_t LastStartedTimestamp() override;
    std::uint64_t LastEndedTimestamp() override;
    RanRow LastRan() override;
    std::vector<RepositoryRow> LastRepositories() override;
    std::uint64_t LastSuccessTimestamp() override { return past().last_success; }
    std::vector<ProvenRow> LastProven() override;
    std::vector<RetentionRow> LastRetention() override;
    std::uint64_t NextRunTimestamp() override { return next_run_; }

    [[nodiscard]] igotchuu::Progress progress() const;
    Past &past(); ///< read when it is first asked for
    std::vector<sdbus::PropertyName> changes(); ///< since they were last told: of State, Phase, Repository
    void tell(std::vector<sdbus::PropertyName> changed, std::initializer_list<const char *> more = {});

    const Services &services_;
    JobName job_;
    bool configured_;
    std::optional<Past> past_;
    std::uint64_t next_run_ = 0;
    igotchuu::Progress shown_{};
    std::string state_, phase_, repository_; ///< as last told
};

} // namespace igotchuu
