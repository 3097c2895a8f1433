#include "job/json_numbers.hpp"

#include <set>
#include <vector>

#include "job/source_document.hpp"
#include "support/error.hpp"

namespace amltrain {
namespace {

class Scanner final : public json::json_sax_t {
 public:
  explicit Scanner(const std::string& origin) : origin_(origin) {}

  std::map<std::string, std::string> numbers;

  bool null() override { return pass(); }
  bool boolean(bool) override { return pass(); }
  bool number_integer(json::number_integer_t) override { return pass(); }
  bool number_unsigned(json::number_unsigned_t) override { return pass(); }
  bool string(std::string&) override { return pass(); }
  bool binary(json::binary_t&) override { return pass(); }
  bool number_float(double, const std::string& text) override {
    numbers[next_pointer()] = text;
    return true;
  }
  bool start_object(std::size_t) override { return enter(false); }
  bool start_array(std::size_t) override { return enter(true); }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }
  bool key(std::string& name) override {
    if (!levels_.back().names.insert(name).second)
      throw Error(category::bad_input, origin_ + ": '" + name + "' is given twice");
    levels_.back().name = name;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const json::exception&) override { return false; }

 private:
  struct Level {
    std::string pointer;
    bool list;
    std::size_t count = 0;  // of a list
    std::string name = {};  // of a map: the last one
    std::set<std::string> names = {};
  };

  std::string next_pointer() {
    if (levels_.empty()) return "";
    Level& level = levels_.back();
    return level.pointer + (level.list ? "/" + std::to_string(level.count++) : pointer_step(level.name));
  }
  bool pass() {
    next_pointer();
    return true;
  }
  bool enter(bool list) {
    levels_.push_back({next_pointer(), list});
    return true;
  }
  bool leave() {
    levels_.pop_back();
    return true;
  }

  const std::string& origin_;
  std::vector<Level> levels_;
};

}  // namespace

std::map<std::string, std::string> written_numbers(std::string_view text, const std::string& origin) {
  Scanner scanner(origin);
  json::sax_parse(text, &scanner);
  return std::move(scanner.numbers);
}

}  // namespace amltrain
