#include "compute/ssh.hpp"

#include <optional>

#include "support/capture.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

namespace amltrain {
namespace {

constexpr std::size_t kLongestAnswer = 1 << 20;
constexpr int kSshFailed = 255;

/// Of what ssh said: without line ends of its own (it writes \r\n).
std::string last_line(const std::filesystem::path& file) try {
  std::string text = read_file(file, kLongestAnswer);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return printable(std::string_view(text).substr(text.find_last_of('\n') + 1));  // of npos + 1 is 0
} catch (const Error&) {
  return "";
}

}  // namespace

std::vector<std::string> ssh_options(const std::string& config, std::chrono::seconds connect_patience) {
  std::vector<std::string> options;
  if (!config.empty()) options = {"-F", config};
  options.insert(options.end(),
                 {"-o", "BatchMode=yes", "-o", "ConnectTimeout=" + std::to_string(connect_patience.count())});
  return options;
}

SshAnswer ask_by_ssh(const std::string& host, const std::vector<std::string>& options,
                     const std::string& command, const std::filesystem::path& errors,
                     std::chrono::milliseconds patience) {
  Command ssh;
  ssh.arguments = {"ssh"};
  ssh.arguments.insert(ssh.arguments.end(), options.begin(), options.end());
  ssh.arguments.insert(ssh.arguments.end(), {host, command});
  ssh.stderr_file = errors;
  const auto answer = capture(ssh, kLongestAnswer, patience);
  if (!answer) return {"", std::string(kNoAnswer) + human_duration(patience), 0};
  if (answer->status.signal == 0 && answer->status.code != kSshFailed)
    return {answer->text, "", answer->status.code};
  const std::string said = last_line(errors);
  return {"", said.empty() ? "ssh ended with " + describe(answer->status) : said, 0};
}

}  // namespace amltrain
