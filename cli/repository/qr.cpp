// SPDX-License-Identifier: MIT
#include "cli/repository/qr.hpp"

#include "job/error.hpp"

#include <cerrno>
#include <memory>
#include <qrencode.h>

namespace igotchuu
{

namespace
{

constexpr std::size_t quiet = 4;

} // namespace

QrCode::QrCode(std::string_view text)
{
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> code{
        QRcode_encodeString(std::string{text}.c_str(), 0, QR_ECLEVEL_M, QR_MODE_8, 1), &QRcode_free};
    if (!code)
        fail(errno, "cannot make a QR code");
    const auto width = static_cast<std::size_t>(code->width);
    width_ = width + 2 * quiet;
    for (std::size_t i = 0; i < width * width; ++i)
        dark_.push_back((code->data[i] & 1) != 0);
}

bool QrCode::is_light(std::size_t column, std::size_t row) const
{
    const auto width = width_ - 2 * quiet;
    const auto x = column - quiet, y = row - quiet; // of the zone before it they are huge
    return x >= width || y >= width || !dark_[y * width + x];
}

std::vector<std::string> QrCode::lines() const
{
    std::vector<std::string> lines;
    for (std::size_t row = 0; row < width_; row += 2) {
        std::string line = "\x1b[40;97m"; // as ECMA-48 numbers black and (aixterm's) bright white
        for (std::size_t column = 0; column < width_; ++column) {
            const bool upper = is_light(column, row), lower = row + 1 < width_ && is_light(column, row + 1);
            line += upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ";
        }
        lines.push_back(line + "\x1b[0m");
    }
    return lines;
}

} // namespace igotchuu
