// SPDX-License-Identifier: MIT
#include "exec/restic/secret.hpp"

#include "exec/admin-program.hpp"
#include "job/credential-lines.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/recovery-key.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <format>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

namespace igotchuu::restic
{

namespace
{

constexpr std::size_t most = std::size_t{64} * 1024;
constexpr std::chrono::seconds most_time{60}; ///< for a program that prints a password

/// `what` names the file for the person: "the password file /x", "the credential nas".
Fd open_secret(const std::string &path, const std::string &what)
{
    Fd file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    if (!file)
        fail(errno, "cannot open {}", what);
    struct stat info{};
    if (fstat(file.get(), &info) < 0)
        fail(errno, "cannot look at {}", what);
    if (!S_ISREG(info.st_mode))
        throw Failure{what + " is not a regular file"};
    return file;
}

std::string content(const std::string &path, const std::string &what)
{
    const auto file = open_secret(path, what);
    std::string text(most + 1, '\0'); // in one piece: what grows leaves copies behind
    std::size_t size = 0;
    while (size < text.size()) {
        const auto got = read(file.get(), text.data() + size, text.size() - size);
        if (got < 0)
            fail(errno, "cannot read {}", what);
        if (got == 0)
            break;
        size += static_cast<std::size_t>(got);
    }
    if (size == text.size())
        throw Failure{what + " is over 64 KiB: it should hold a secret only"};
    text.resize(size);
    return text;
}

/// Whether systemd, which starts a service without a word when an id is nowhere, has handed over what the unit names in its place.
bool stands_for_none(const std::string &path, const std::string &what)
{
    const auto file = open_secret(path, what);
    std::array<char, no_credential.size() + 1> begin{};
    const auto got = read(file.get(), begin.data(), begin.size());
    return got > 0 && std::string_view{begin.data(), static_cast<std::size_t>(got)} == no_credential;
}

Confidential trimmed(const Confidential &raw, const std::string &what)
{
    constexpr std::string_view white = " \t\r\n\v\f";
    const auto &text = raw.text();
    const auto begin = text.find_first_not_of(white);
    if (begin == std::string::npos)
        throw Failure{what + " is empty"};
    return Confidential{text.substr(begin, text.find_last_not_of(white) + 1 - begin)};
}

void fill_randomly(std::span<unsigned char> bytes)
{
    if (getrandom(bytes.data(), bytes.size(), 0) != std::ssize(bytes))
        fail(errno, "cannot get random bytes for a key");
}

std::string cannot_be_opened(const std::string &id, const std::string &file)
{
    return std::format(
        "the credential {0} cannot be opened, though {1} is there: systemd-creds decrypt --name={0} {1} - says why; when "
        "what sealed it is lost (another TPM, another machine), the recovery key opens the repository",
        id, file);
}

} // namespace

std::string loaded_from(std::span<const std::string> lines, const std::string &id)
{
    for (const auto &line : lines)
        if (line.starts_with(id + ':'))
            return line.substr(id.size() + 1);
    return {};
}

Confidential new_password()
{
    std::array<unsigned char, 32> random;
    fill_randomly(random);
    std::string text(2 * random.size(), '\0');
    for (auto out = text.begin(); const auto byte : random)
        out = std::format_to(out, "{:02x}", byte);
    explicit_bzero(random.data(), random.size());
    return Confidential{std::move(text)};
}

Confidential new_recovery_key()
{
    std::array<unsigned char, recovery_key_bytes> random;
    fill_randomly(random);
    Confidential key{recovery_key_of(random)};
    explicit_bzero(random.data(), random.size());
    return key;
}

Fd sealed(std::string_view bytes)
{
    Fd memory{memfd_create("igotchuu", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    if (!memory)
        fail(errno, "cannot make memory for a secret");
    const auto written = write(memory.get(), bytes.data(), bytes.size());
    if (written < 0)
        fail(errno, "cannot write memory for a secret");
    if (static_cast<std::size_t>(written) != bytes.size())
        throw Failure{"cannot write memory for a secret: only a part of it was taken"};
    if (fcntl(memory.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
        fail(errno, "cannot seal memory for a secret");
    return memory;
}

Confidential::~Confidential()
{
    explicit_bzero(text_.data(), text_.size());
}

Confidential Secrets::text(const Secret &secret) const
{
    if (!secret.command.empty())
        return trimmed(Confidential{printed()}, "what " + printable(secret.command.front()) + " printed");
    if (!secret.credential.empty()) {
        const auto what = "the credential " + secret.credential;
        return trimmed(Confidential{content(credential_path(secret.credential), what)}, what);
    }
    const auto what = "the file " + printable(secret.file);
    return trimmed(Confidential{content(secret.file, what)}, what);
}

std::string Secrets::path(const Secret &secret) const
{
    if (secret.empty())
        return {};
    if (!secret.credential.empty())
        return credential_path(secret.credential);
    static_cast<void>(open_secret(secret.file, "the file " + printable(secret.file)));
    return secret.file;
}

bool Secrets::has_credential(const std::string &id) const
{
    const auto path = credentials_directory_ + "/" + id;
    return !credentials_directory_.empty() && access(path.c_str(), F_OK) == 0 && !stands_for_none(path, "the credential " + id);
}

bool Secrets::has(const Secret &secret) const
{
    if (!secret.credential.empty())
        return has_credential(secret.credential);
    return secret.file.empty() || faccessat(AT_FDCWD, secret.file.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

std::string Secrets::credential_path(const std::string &id) const
{
    const auto path = credentials_directory_ + "/" + id;
    const auto what = "the credential " + id;
    const bool there = has_credential(id);
    const auto plain = loaded_from(repository_.load_credentials, id);
    const auto file = plain.empty() ? loaded_from(repository_.load_encrypted_credentials, id) : plain;
    if (!there && !file.empty())
        throw Failure{std::format("{} is not there: its file {} is missing", what, printable(file))};
    if (const auto sealed_file = "/etc/credstore.encrypted/" + id; !there && access(sealed_file.c_str(), F_OK) == 0)
        throw Failure{cannot_be_opened(id, sealed_file)};
    if (!there)
        throw Failure{std::format("{} is not there: put it into /etc/credstore/{}, or sealed by systemd-creds(1) into "
                                  "/etc/credstore.encrypted/{}",
                                  what, id, id)};
    return path;
}

std::string Secrets::printed() const
{
    const AdminProgram program{.what = "password-command",
                               .instance = instance_,
                               .arguments = repository_.password.command,
                               .user = repository_.password_user,
                               .user_key = "password-command-user",
                               .environment = {},
                               .at_most = most_time};
    return run(program, &stop_);
}

} // namespace igotchuu::restic
