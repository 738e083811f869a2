// SPDX-License-Identifier: MIT
#include "exec/init/working-key.hpp"

#include "exec/programs.hpp"
#include "exec/tool.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <format>
#include <sys/stat.h>
#include <unistd.h>

namespace igotchuu
{

namespace
{

using restic::Confidential;

constexpr std::string_view sealed_store = "/etc/credstore.encrypted",
                           plain_store = "/etc/credstore"; // systemd.exec(5), ImportCredential=

/// Where a secret is to be, and in which form.
struct Place {
    std::string path;
    bool sealed = false;
    std::string otherwise{}; ///< where it lies plain when nothing can seal it; empty: nowhere
};

/// As the units look for it (job/credential-lines.cpp).
Place place_of(const Repository &repository)
{
    const auto &[file, id, command] = repository.password;
    if (id.empty())
        return {file};
    if (auto path = restic::loaded_from(repository.load_encrypted_credentials, id); !path.empty())
        return {std::move(path), true};
    if (auto path = restic::loaded_from(repository.load_credentials, id); !path.empty())
        return {std::move(path)};
    return {std::format("{}/{}", sealed_store, id), true, std::format("{}/{}", plain_store, id)};
}

/// The directory of `path`, where nobody but root can change what is in it. systemd's stores are made where they are missing.
Fd directory_of(const std::string &path)
{
    const auto directory = std::filesystem::path{path}.parent_path().native();
    if (directory == sealed_store || directory == plain_store)
        mkdir(directory.c_str(), 0700); // tmpfiles.d/credstore.conf
    Fd opened{open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    struct stat info{};
    if (!opened || fstat(opened.get(), &info) < 0)
        fail(errno, "cannot make {} in {}", path, directory);
    if (info.st_uid != geteuid() || (info.st_mode & 022) != 0)
        throw Failure{
            std::format("cannot make {}: its directory has to be root's, and not writable by others (chown root {}; chmod go-w {})",
                        path, directory, directory)};
    return opened;
}

std::string name_of(const std::string &path)
{
    return std::filesystem::path{path}.filename().native();
}

/// Never over something.
void rename_in(const Fd &directory, const std::string &from, const std::string &to)
{
    if (renameat2(directory.get(), name_of(from).c_str(), directory.get(), name_of(to).c_str(), RENAME_NOREPLACE) < 0)
        fail(errno, "cannot rename {} to {}", from, to);
    if (fsync(directory.get()) < 0)
        fail(errno, "cannot write the directory of {}", to);
}

/// Whole, or not at all, whenever the power goes.
void write_new(const Fd &directory, const std::string &path, std::string_view bytes)
{
    const auto scratch = path + '~', name = name_of(scratch);
    unlinkat(directory.get(), name.c_str(), 0); // of one that was cut
    const Fd file{openat(directory.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (!file)
        fail(errno, "cannot make {}", scratch);
    const auto written = write(file.get(), bytes.data(), bytes.size());
    if (written != std::ssize(bytes) || fsync(file.get()) < 0) {
        const int error = written >= 0 && written != std::ssize(bytes) ? ENOSPC : errno;
        unlinkat(directory.get(), name.c_str(), 0);
        fail(error, "cannot write {}", scratch);
    }
    rename_in(directory, scratch, path);
}

std::optional<std::string> content(const std::string &path)
{
    const Fd file{open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    std::string text(std::size_t{64} * 1024, '\0');
    const auto got = file ? read(file.get(), text.data(), text.size()) : -1;
    if (got < 0)
        return {};
    text.resize(static_cast<std::size_t>(got));
    return text;
}

ToolEnd creds(std::string_view verb, const std::string &id, std::string_view input)
{
    const auto memory = restic::sealed(input);
    return run(Tool{.arguments = {programs::systemd_creds, std::string{verb}, "--quiet", "--name=" + id,
                                  std::format("/proc/self/fd/{}", memory.get()), "-"},
                    .capabilities = "-all,+dac_override", // a TPM belongs to a user of its own (tpm-udev)
                    .at_most = std::chrono::seconds{60}, // it may take its time
                    .inherited = {memory.get()}});
}

Confidential unsealed(const std::string &id, const std::string &path, std::string_view sealed)
{
    auto said = creds("decrypt", id, sealed);
    if (said.status != 0 || said.output.empty())
        throw Failure{std::format("cannot open {}, which is sealed: {}", path, said.complaint)};
    return Confidential{std::move(said.output)};
}

constexpr std::string_view suffix = ".new";

} // namespace

WorkingKey::WorkingKey(const Repository &repository, const std::string &instance, const std::string &credentials_directory,
                       const StopRequest &stop)
    : repository_{repository}
{
    if (restic::Secrets{repository, instance, credentials_directory, stop}.has(repository.password))
        return;
    const auto place = place_of(repository);
    find_left_over(place.path);
    if (!made_ && !place.otherwise.empty())
        find_left_over(place.otherwise);
    if (made_)
        return;
    if (place.sealed)
        make_sealed();
    else
        make(place.path);
}

/// Of an init that was cut before anybody had the recovery key: a repository may have been made with it.
void WorkingKey::find_left_over(const std::string &path)
{
    const auto beside = path + std::string{suffix};
    auto text = content(beside);
    if (!text)
        return;
    if (text->empty()) { // of one that was cut before it was written: no repository can have been made with it
        unlink(beside.c_str());
        return;
    }
    const auto place = place_of(repository_);
    made_.emplace(path, place.sealed && path == place.path ? unsealed(repository_.password.credential, beside, *text)
                                                           : Confidential{*std::move(text)});
    left_over_ = true;
}

void WorkingKey::make(const std::string &path)
{
    auto text = restic::new_password();
    const auto beside = path + std::string{suffix};
    write_new(directory_of(path), beside, text.text());
    made_.emplace(path, std::move(text));
}

void WorkingKey::make_sealed()
{
    const auto place = place_of(repository_);
    const auto &id = repository_.password.credential;
    auto text = restic::new_password();
    const auto said = creds("encrypt", id, text.text());
    if (said.status != 0) {
        if (place.otherwise.empty())
            throw Failure{std::format("cannot make {}, which is to be sealed: {} (the key load-credential takes a plain file)",
                                      place.path, said.complaint)};
        why_not_sealed_ = said.complaint;
        return make(place.otherwise);
    }
    const auto beside = place.path + std::string{suffix};
    if (unsealed(id, beside, said.output).text() != text.text())
        throw Failure{std::format("cannot make {}: what systemd-creds has sealed opens to something else", place.path)};
    write_new(directory_of(place.path), beside, said.output);
    made_.emplace(place.path, std::move(text));
}

std::string WorkingKey::place() const
{
    const auto &[file, id, command] = repository_.password;
    if (!command.empty())
        return "what " + printable(command.front()) + " prints";
    if (id.empty())
        return "the file " + printable(file);
    if (!made_)
        return "the credential " + id;
    const auto place = place_of(repository_);
    return std::format("the credential {} ({}, {})", id, place.sealed && made_->path == place.path ? "sealed" : "not sealed",
                       printable(made_->path));
}

void WorkingKey::publish()
{
    rename_in(directory_of(made_->path), made_->path + std::string{suffix}, made_->path);
    made_.reset();
}

void WorkingKey::drop() noexcept
{
    if (made_)
        unlink((made_->path + std::string{suffix}).c_str());
    made_.reset();
}

} // namespace igotchuu
