// run.json, the lines of events.jsonl, and summary.json.
#include "history/run.hpp"
#include "input.hpp"

namespace {

using namespace amltrain;

template <typename Parse>
void read_twice(std::string_view text, Parse parse) {
  json stored;
  if (!fuzz::accepts([&] { stored = parse(parse_json(text, "input")); })) return;
  fuzz::require(json(parse(stored)) == stored,
                "a document that was read is the same when stored and read again");
}

}  // namespace

void fuzz(amltrain::fuzz::Input input) {
  const unsigned choice = input.take_byte();
  const std::string_view text = input.text();
  switch (choice % 3) {
    case 0:
      return read_twice(text, [](const json& in) { return parse_run_definition(in); });
    case 1:
      return read_twice(text, [](const json& in) { return parse_event(in); });
    default:
      return read_twice(text, [](const json& in) { return parse_run_summary(in); });
  }
}
