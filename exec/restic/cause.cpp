// SPDX-License-Identifier: MIT
#include "exec/restic/cause.hpp"

#include <algorithm>

namespace igotchuu::restic
{

namespace
{

struct Known {
    std::string_view sign, meaning;
    bool out_of_reach = false;
};

constexpr std::string_view unresolved = "the name of the server cannot be resolved: is it right, and is there a network?";
constexpr std::string_view unanswered = "the server does not answer: is it up, and does a firewall let us through?";
constexpr std::string_view broken = "the connection to the server broke; the next run sends what is missing";
constexpr std::string_view full = "there is no space left where the repository is";
constexpr std::string_view no_server = "what answers there is no server of repositories: is the address right?";
constexpr std::string_view no_bucket = "there is no such bucket: is its name right? igotchuu repository init makes it";

/// The first that fits. Signs are what Go's net and crypto, ssh(1), rclone and servers say, in restic 0.18 (tests/system/repositories.sh meets most of them).
constexpr Known all_known[] = {
    {"executable file not found", "a program that this kind of repository needs is not installed"},
    {"invalid backend",
     "restic knows no such kind of repository: a path begins with \"/\", others with sftp:, rest:, s3: and so on"},
    {"Could not resolve hostname", unresolved, true},
    {"no such host", unresolved, true},
    {": lookup ", unresolved, true},
    {"onnection refused", "nothing listens there: is the server up, and are host and port right?", true},
    {"etwork is unreachable", "no network leads to the server: is this machine online?", true},
    {"o route to host", "no network leads to the server: is it on, and is this machine online?", true},
    {"timed out", unanswered, true},
    {"i/o timeout", unanswered, true},
    {"TLS handshake timeout", unanswered, true},
    {"Timeout, server", unanswered}, // ssh gives up a connection that it had
    {"Host key verification failed",
     "the server's key is not the one that we know: if it was changed on purpose, or is not known yet, "
     "put it into the file of ssh.known-hosts (ssh-keyscan)"},
    {"Permission denied (", "the server does not let us in: does it know the key that ssh.identity names, and is the user right?"},
    {"UNPROTECTED PRIVATE KEY", "ssh wants a private key that only root may read: chmod 0600"},
    {"Load key ", "the private key that ssh.identity names cannot be used"},
    {"x509: certificate has expired", "the server's certificate has expired"},
    {"x509: ",
     "the server's certificate is not trusted: one of your own needs restic-args = [\"--cacert=FILE\"] (rclone: RCLONE_CA_CERT)"},
    {"tls: ", "the server and we find no common TLS: is the address https where the server has TLS?"},
    {"server gave HTTP response to HTTPS client", "the server has no TLS: its address begins with http:"},
    {"HTTP request to an HTTPS server", "the server has TLS: its address begins with https:"},
    {"Unauthorized", "the server does not know user or password of the address"},
    {"Forbidden", "the server does not allow this to that user"},
    {"Access Denied", "the server does not allow this to that access key"},
    {"Access Key Id you provided does not exist", "the server does not know the access key: see AWS_ACCESS_KEY_ID"},
    {"signature we calculated does not match", "the secret key is wrong: see AWS_SECRET_ACCESS_KEY"},
    {"bucket does not exist", no_bucket},
    {"NoSuchBucket", no_bucket},
    {"didn't find section in config file",
     "rclone has no such remote: see \"rclone config\", and the file that RCLONE_CONFIG names"},
    {"ead-only file system",
     "the unit may not write there: a path of this machine has to be the location itself, or named by ReadWritePaths in the "
     "job's table [service]"},
    {"o space left on device", full},
    {"Insufficient Storage", full},
    {"quota exceeded", "the repository's quota is used up"},
    {"ssh command exited", broken},
    {"unable to start the sftp session", "ssh gets to no sftp there: does the server have it for this user?"},
    {"negative content length", no_server},
    {"Decode: invalid character", no_server},
    {"onnection reset by peer", broken},
    {"broken pipe", broken},
    {"connection lost", broken},
};

std::string_view after(std::string_view sign, std::string_view text)
{
    const auto at = text.find(sign);
    return at == std::string_view::npos ? std::string_view{} : text.substr(at + sign.size());
}

} // namespace

std::string_view cause_in(std::string_view line)
{
    constexpr std::string_view again = " returned error, retrying after ";
    constexpr std::string_view ssh = "subprocess ssh: ";
    constexpr std::string_view rclone = "rclone: ";
    constexpr std::string_view clock = "2026/11/26 03:49:04 "; // rclone's
    if (const auto at = line.find(again); at != std::string_view::npos) // "Stat(<config/>) returned error, retrying after 1.3s: …"
        return after(": ", line.substr(at));
    if (line.contains("ssh command exited")) // "Save(<data/dd065eb178>) failed: ssh command exited: exit status 255"
        return line;
    if (line.starts_with(ssh))
        return line.substr(ssh.size());
    if (line.starts_with(rclone) && line.size() > rclone.size() + clock.size())
        return line.substr(rclone.size() + clock.size());
    return {};
}

namespace
{

const Known *look_up(std::string_view cause)
{
    const auto *const found = std::ranges::find_if(all_known, [&](const Known &known) { return cause.contains(known.sign); });
    return found == std::end(all_known) ? nullptr : found;
}

} // namespace

std::string_view meaning_of(std::string_view cause)
{
    const auto *const known = look_up(cause);
    return known == nullptr ? std::string_view{} : known->meaning;
}

bool is_out_of_reach(std::string_view cause)
{
    const auto *const known = look_up(cause);
    return known != nullptr && known->out_of_reach;
}

bool is_of_connection(std::string_view cause)
{
    return is_out_of_reach(cause) || meaning_of(cause) == broken;
}

bool is_damage(std::string_view words)
{
    constexpr std::string_view signs[] = {
        "ciphertext verification failed",
        "invalid data returned",
        "returned invalid hash",
        "file is too short",
        "not found in repository",
        "not found in index",
        "not found in the repository index",
    };
    constexpr std::string_view files[] = {"<data/", "<index/", "<snapshot/", "load snapshot"};
    constexpr std::string_view gone[] = {"no such file or directory", "does not exist", "not found"};
    const auto has = [&](std::string_view sign) { return words.contains(sign); };
    return std::ranges::any_of(signs, has) || (std::ranges::any_of(files, has) && std::ranges::any_of(gone, has));
}

bool is_no_bucket(std::string_view cause)
{
    return meaning_of(cause) == no_bucket;
}

} // namespace igotchuu::restic
