// SPDX-License-Identifier: MIT
#include "exec/retention-by-hand.hpp"

#include "exec/credentials.hpp"
#include "exec/few-devices.hpp"
#include "exec/in-use.hpp"
#include "exec/judge.hpp"
#include "exec/namespace.hpp"
#include "exec/out-of-reach.hpp"
#include "exec/report/channels.hpp"
#include "exec/report/result.hpp"
#include "exec/restic/forget.hpp"
#include "exec/retention.hpp"
#include "exec/show-plan.hpp"
#include "job/amount.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/state-files.hpp"
#include "job/unit-name.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <format>
#include <iostream>

namespace igotchuu
{

namespace
{

/// The newest backup in a repository that the record knows.
struct Last {
    std::size_t index = 0; ///< of its run in the history
    RepositoryResult result;
};

/// By its instant: one that was kept for an absent repository may have been sent after a newer one.
Last last_backup(const Record &record, const std::string &repository)
{
    Last last{record.history.size(), {.repository = repository}};
    for (std::size_t index = 0; index < record.history.size(); ++index)
        for (const auto &result : record.history[index].repositories)
            if (result.repository == repository && !result.unchanged_since && !result.summary.snapshot_id.empty() &&
                (last.index == record.history.size() ||
                 fresh_as_of(record.history[index]) > fresh_as_of(record.history[last.index])))
                last = {index, result};
    return last;
}

/// One repository after the other.
class ByHandRetention
{
public:
    ByHandRetention(const Job &job, ByHand what, const std::string &invocation_id, const StopRequest &stop)
        : job_{job}, what_{what}, stop_{stop}, said_{printable(job.name), job_fields(job.name, job.instance, invocation_id)}
    {
    }

    void look_into(const Repository &repository)
    {
        if (!repository.maintained) {
            const auto why =
                std::format("nothing is ever removed from here (maintenance = false in {})", printable(repository.file));
            if (what_ == ByHand::json)
                seen_.push_back(json_of_none(repository.name, why));
            else
                std::cout << std::format("{}: {}\n", printable(repository.name), why);
            return;
        }
        const restic::Access access{repository, job_.instance, installation_, stop_};
        const OutOfReach services;
        const FewDevices devices;
        const restic::Starter starter{installation_, features_, stop_, listener_, starts_};
        auto plan = restic::plan_to_forget(starter, access, job_);
        if (const auto *const last = last_proven(record_, repository.name); last != nullptr)
            spare(plan, last->snapshot_id);
        const auto [index, last] = last_backup(record_, repository.name);
        const auto verdict = judge(plan, index, last);
        if (what_ == ByHand::json)
            seen_.push_back(json_of(job_, repository.name, plan, verdict));
        else
            std::cout << text_of(job_, repository.name, plan, verdict, what_);
        if (what_ != ByHand::confirm)
            return;
        if (verdict.hold != Hold::none && !can_be_confirmed(verdict.hold))
            throw Failure{std::format("nothing is removed from {}: {}", printable(repository.name), verdict.why)};
        if (last.outcome == Outcome::disproved)
            throw Failure{std::format("nothing is removed from {}: the last backup there, {}, is disproved, and the older ones may "
                                      "be the good ones (first make a good one: systemctl start '{}')",
                                      printable(repository.name), last.summary.snapshot_id.substr(0, 8),
                                      service_of(job_.instance))};
        const auto removal = restic::forget(starter, access, plan.remove);
        if (!removal.why_not.empty())
            throw Failure{std::format("{} of {} removed: {}", removal.removed, plan.remove.size(), removal.why_not)};
        confirmed(repository.name, plan, index);
    }

    void not_reached(const std::string &repository, const std::string &why) { seen_.push_back(json_of_none(repository, why)); }
    /// With ByHand::json.
    [[nodiscard]] const std::vector<nlohmann::ordered_json> &seen() const { return seen_; }

private:
    [[nodiscard]] Verdict judge(const restic::Plan &plan, std::size_t index, const RepositoryResult &last) const
    {
        const std::span history{record_.history};
        if (index == history.size())
            return igotchuu::judge({plan, last, {}, {}});
        return igotchuu::judge({plan, last, history[index].sources, history.subspan(index + 1)});
    }

    static restic::Installation installation_with(const Credentials &credentials)
    {
        auto installation = restic::Installation::standard();
        installation.credentials_directory = credentials.directory();
        return installation;
    }

    void confirmed(const std::string &repository, const restic::Plan &plan, std::size_t index)
    {
        const auto removed = static_cast<std::uint32_t>(plan.remove.size());
        const Retention retention{static_cast<std::uint32_t>(plan.keep.size()), removed, removed};
        if (index < record_.history.size()) {
            auto &run = record_.history[index];
            std::ranges::find(run.repositories, repository, &RepositoryResult::repository)->retention = retention;
            if (record_.last_success && record_.last_success->invocation_id == run.invocation_id)
                record_.last_success = run;
            write({}, job_.instance, record_);
        }
        auto fields = result_fields(retention);
        fields.emplace_back("IGOTCHUU_REPOSITORY", repository);
        if (const auto sentence = retention_sentence(said_.name(), repository, retention); !sentence.empty())
            said_.log(entry_of(retention).priority, entry_of(retention).message_id, sentence, fields);
        std::cout << std::format("{} removed\n", removed);
    }

    const Job &job_;
    ByHand what_;
    const StopRequest &stop_;
    Channels said_;
    Credentials credentials_{{job_.instance, job_.repositories, job_.service}, stop_};
    restic::Installation installation_ = installation_with(credentials_);
    restic::Features features_ = restic::features(stop_, installation_);
    restic::Listener listener_{[](const Progress &) {}, [](const std::string &line) { std::cerr << line << '\n'; },
                               [](pid_t, int) {}};
    std::uint32_t starts_ = 0;
    Record record_ = read_record({}, job_.instance).value_or(Record{});
    std::vector<nlohmann::ordered_json> seen_;
};

void print_json(const Job &job, const std::vector<nlohmann::ordered_json> &repositories)
{
    std::cout << nlohmann::ordered_json{{"schema", 1},
                                        {"name", printable(job.name)},
                                        {"has_rules", !job.keep.empty()},
                                        {"repositories", repositories}}
                     .dump()
              << '\n';
}

} // namespace

ExitStatus retention_by_hand(const Job &job, ByHand what, const std::string &invocation_id, const StopRequest &stop)
{
    if (job.keep.empty()) {
        if (what == ByHand::json)
            print_json(job, {});
        else
            std::cout << std::format("the job {} has no key keep: nothing is ever forgotten\n", printable(job.name));
        return ExitStatus::success;
    }
    enter_private_namespace();
    const auto running = lock_job(job);
    const auto in_use = lock_repositories(job);
    ByHandRetention retention{job, what, invocation_id, stop};
    auto status = ExitStatus::success;
    for (const auto &repository : job.repositories)
        try {
            retention.look_into(repository);
        } catch (const std::exception &error) { // the others may be reached
            std::cerr << std::format("igotchuu: {}: {}\n", printable(repository.name), error.what());
            retention.not_reached(repository.name, error.what());
            status = ExitStatus::failed;
        }
    if (what == ByHand::json)
        print_json(job, retention.seen());
    return status;
}

} // namespace igotchuu
