#include "engine/exchange/pickle_value.hpp"

namespace amltrain::engine {
namespace {

struct Describe {
  const Pickle& pickle;

  std::string operator()(const PickleNone&) const { return "None"; }
  std::string operator()(bool) const { return "a truth value"; }
  std::string operator()(std::int64_t) const { return "an integer"; }
  std::string operator()(double) const { return "a number"; }
  std::string operator()(const std::string&) const { return "text"; }
  std::string operator()(const PickleBytes&) const { return "bytes"; }
  std::string operator()(const PickleList&) const { return "a list"; }
  std::string operator()(const PickleTuple&) const { return "a tuple"; }
  std::string operator()(const PickleDict&) const { return "a dictionary"; }
  std::string operator()(const PickleGlobal& global) const { return global.name; }
  std::string operator()(const PicklePersistent&) const { return "a bare storage"; }
  std::string operator()(const PickleCall& call) const {
    auto name = pickle.global(call.callable);
    // The legacy format names a module's class by ('module', class, source file, source).
    if (const auto* persistent = pickle.as<PicklePersistent>(call.callable))
      if (const auto* id = pickle.as<PickleTuple>(persistent->id); id && id->items.size() == 4)
        name = pickle.global(id->items[1]);
    return name.empty() ? "the result of a call" : "an object made by " + std::string(name);
  }
};

}  // namespace

std::string_view Pickle::global(PickleRef ref) const {
  const auto* found = as<PickleGlobal>(ref);
  return found ? std::string_view(found->name) : std::string_view();
}

std::string Pickle::describe(PickleRef ref) const { return std::visit(Describe{*this}, nodes[ref]); }

}  // namespace amltrain::engine
