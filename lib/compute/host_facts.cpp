#include "compute/host_facts.hpp"

#include <cstdlib>
#include <sstream>

#include "support/capture.hpp"
#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"

namespace amltrain {
namespace {

constexpr const char* kSchema = "amltrain.host-facts/1";
constexpr std::uint64_t kLongestToken = 4096;

std::string content_of(const std::filesystem::path& file) try {
  return read_file(file, kLongestToken);
} catch (const Error&) {
  return "";
}

std::uint64_t free_bytes_at(const std::filesystem::path& folder) {
  std::error_code absent;
  const auto space = std::filesystem::space(folder, absent);
  return absent ? 0 : space.available;
}

}  // namespace

void to_json(json& out, const HostFacts& facts) {
  out = {{"schema", kSchema},
         {"program_sha256", facts.program_sha256},
         {"token", facts.token},
         {"time", to_iso8601(facts.time)},
         {"free_bytes", facts.free_bytes},
         {"open_mpi", facts.open_mpi},
         {"address", facts.address},
         {"asked_from", facts.asked_from},
         {"inventory", facts.inventory}};
}

HostFacts parse_host_facts(const json& in) {
  require_schema(in, kSchema, "the answer of a host");
  return {field<std::string>(in, "program_sha256"),
          field<std::string>(in, "token"),
          parse_iso8601(field<std::string>(in, "time")),
          field<std::uint64_t>(in, "free_bytes"),
          field<std::string>(in, "open_mpi"),
          field<std::string>(in, "address"),
          field<std::string>(in, "asked_from"),
          parse_inventory(field<json>(in, "inventory"))};
}

std::string open_mpi_version() try {
  Command ask;
  ask.arguments = {"/bin/sh", "-c", "command -v orted >/dev/null && mpirun --version"};
  ask.stderr_file = "/dev/null";
  const auto answer = capture(ask, kLongestToken, std::chrono::seconds(10));
  if (!answer || !answer->status.ok()) return "";
  return answer->text.substr(0, answer->text.find('\n'));
} catch (const Error&) {
  return "";
}

HostFacts take_host_facts(const std::filesystem::path& token_file) {
  HostFacts facts;
  facts.program_sha256 = sha256_of_file("/proc/self/exe");
  facts.token = content_of(token_file);
  facts.free_bytes = free_bytes_at(token_file.parent_path());
  facts.open_mpi = open_mpi_version();
  // sshd says: address and port that the connection came from, then its own.
  const char* const connection = std::getenv("SSH_CONNECTION");
  std::istringstream words(connection != nullptr ? connection : "");
  std::string port;
  words >> facts.asked_from >> port >> facts.address;
  facts.inventory = take_inventory();
  facts.time = now();
  return facts;
}

}  // namespace amltrain
