#include "image/reference.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>

#include "support/files.hpp"
#include "support/process.hpp"

namespace amltrain::test {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') WARN("skipped: " << name << " is not set");
  return value == nullptr ? "" : value;
}

}  // namespace

bool have_reference() { return !variable("AMLTRAIN_REFERENCE_PYTHON").empty(); }

std::filesystem::path real_data() { return variable("AMLTRAIN_REAL_DATA"); }

json run_reference(const std::string& script, const std::filesystem::path& out,
                   const std::vector<std::string>& arguments) {
  Command command;
  command.arguments = {std::getenv("AMLTRAIN_REFERENCE_PYTHON"), AMLTRAIN_REFERENCE_SCRIPTS "/" + script,
                       out};
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  const ExitStatus status = wait_for(start_process(command));
  INFO(script << " ended with " << describe(status));
  REQUIRE(status.ok());
  return parse_json(read_file(out / "manifest.json"), script);
}

Image expected_image(const json& entry) {
  const std::string raw = read_file(entry.at("rgb").get<std::string>());
  return {entry.at("height").get<int>(), entry.at("width").get<int>(), {raw.begin(), raw.end()}};
}

Image decode_file(const std::filesystem::path& file) {
  const std::string content = read_file(file);
  return decode(std::as_bytes(std::span(content)), file.string());
}

int largest_difference(const Image& a, const Image& b) {
  if (a.height != b.height || a.width != b.width || a.rgb.size() != b.rgb.size()) return 256;
  int largest = 0;
  for (std::size_t i = 0; i < a.rgb.size(); ++i) largest = std::max(largest, std::abs(a.rgb[i] - b.rgb[i]));
  return largest;
}

}  // namespace amltrain::test
