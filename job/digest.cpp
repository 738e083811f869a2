// SPDX-License-Identifier: MIT
#include "job/load.hpp"
#include "job/redact.hpp"

#include <format>

namespace igotchuu
{

namespace
{

/// FNV-1a, 64 bits, over texts that each carry their length, so that no two different jobs have one text. It finds a forgotten reload; it keeps
/// nobody out: root writes the job file and the unit, and who could forge the one could write the other.
class Hash
{
public:
    void add(std::string_view text)
    {
        feed(std::format("{}:", text.size()));
        feed(text);
    }
    void add(std::uint64_t number) { feed(std::format("{},", number)); }
    void add(const std::string &text) { add(std::string_view{text}); }
    void add(const UnitSetting &setting)
    {
        add(setting.key);
        add(setting.value);
    }
    void add(const KeepRule &rule)
    {
        add(rule.name);
        add(rule.value);
    }
    void add(const Repository &repository)
    {
        add(std::uint64_t{repository.embedded()});
        add(repository.name);
        add(redacted_location(repository.location)); // who guesses at a password could check it by this
        add(repository.location_from);
        add(repository.password);
        add(repository.password_user);
        add(repository.load_credentials);
        add(repository.load_encrypted_credentials);
        add(repository.ssh_identity);
        add(repository.ssh_known_hosts);
        add(repository.environment);
        for (const auto limit : {repository.limit_upload, repository.limit_download, repository.pack_size})
            add(std::uint64_t{limit});
        add(repository.compression);
        add(repository.options);
        add(repository.restic_args);
        if (repository.answer_timeout != Repository::standard_answer_timeout) // else nothing: units need not change for a new key
            add(static_cast<std::uint64_t>(repository.answer_timeout.count()));
    }
    void add(const Pending &pending)
    {
        add(static_cast<std::uint64_t>(pending.days.count()));
        add(std::uint64_t{pending.instants});
        add(std::uint64_t{pending.free_percent});
    }
    void add(const Prove &prove)
    {
        add(to_string(prove.extent));
        add(static_cast<std::uint64_t>(prove.every.count()));
        add(std::uint64_t{prove.files});
        add(static_cast<std::uint64_t>(prove.minutes.count()));
    }
    void add(const Wait &wait)
    {
        add(std::uint64_t{wait.mains_power});
        add(std::uint64_t{wait.unmetered});
        add(wait.hosts);
        add(wait.mounted);
        add(wait.hours);
        add(std::uint64_t{wait.load});
        add(static_cast<std::uint64_t>(wait.latest.count()));
        add(std::uint64_t{wait.then_run});
    }
    void add(const Secret &secret)
    {
        add(secret.file);
        add(secret.credential);
        add(secret.command);
    }
    void add(const Variable &variable)
    {
        add(variable.name);
        add(static_cast<std::uint64_t>(variable.form));
        add(variable.where);
    }
    template <typename Element>
    void add(const std::vector<Element> &list)
    {
        add(std::uint64_t{list.size()});
        for (const auto &element : list)
            add(element);
    }
    [[nodiscard]] std::uint64_t value() const { return value_; }

private:
    void feed(std::string_view bytes)
    {
        for (const char c : bytes)
            value_ = (value_ ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    }
    std::uint64_t value_ = 0xcbf29ce484222325U;
};

} // namespace

std::string digest(const Job &job)
{
    Hash hash;
    hash.add(std::uint64_t{job.implicit()});
    if (!job.implicit())
        hash.add(job.sources);
    hash.add(job.exclude);
    hash.add(std::uint64_t{job.exclude_caches});
    hash.add(job.repositories);
    hash.add(static_cast<std::uint64_t>(job.snapshot));
    hash.add(job.live);
    hash.add(std::uint64_t{job.nested_max});
    hash.add(std::uint64_t{job.nested_read_only});
    hash.add(job.restic_args);
    hash.add(job.wait);
    hash.add(job.unit);
    hash.add(job.service);
    hash.add(job.timer);
    if (job.snapshot == SnapshotMethod::command) { // what a job does not use adds nothing: its unit need not change for it
        hash.add(job.prepare);
        hash.add(job.cleanup);
        hash.add(job.prepared);
        hash.add(job.prepare_user);
        hash.add(static_cast<std::uint64_t>(job.prepare_timeout.count()));
    }
    if (!job.before_snapshot.empty()) {
        hash.add(job.before_snapshot);
        hash.add(static_cast<std::uint64_t>(job.prepare_timeout.count()));
    }
    if (!job.hold.empty()) {
        hash.add(job.hold);
        hash.add(job.hold_user);
        hash.add(static_cast<std::uint64_t>(job.hold_timeout.count()));
    }
    if (!job.keep.empty())
        hash.add(job.keep);
    if (job.full_every != Job::standard_full_every)
        hash.add(static_cast<std::uint64_t>(job.full_every.count()));
    if (job.pending != Pending{})
        hash.add(job.pending);
    if (job.prove != Prove{})
        hash.add(job.prove);
    if (job.objective > std::chrono::hours{0})
        hash.add(static_cast<std::uint64_t>(job.objective.count()));
    return std::format("{:016x}", hash.value());
}

std::string digest_of_address(const Repository &repository)
{
    if (repository.embedded())
        return "embedded";
    Hash hash;
    hash.add(redacted_location(repository.location));
    hash.add(repository.location_from);
    hash.add(repository.password);
    return std::format("{:016x}", hash.value());
}

std::string digest(const Repository &repository)
{
    if (repository.embedded())
        return "embedded";
    Hash hash;
    hash.add(repository);
    hash.add(std::uint64_t{repository.maintained});
    hash.add(std::uint64_t{repository.maintenance.check_parts});
    hash.add(repository.maintenance.max_unused);
    hash.add(repository.maintenance.max_repack_size);
    hash.add(repository.maintenance.timer);
    return std::format("{:016x}", hash.value());
}

} // namespace igotchuu
