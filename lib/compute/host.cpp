#include "compute/host.hpp"

#include <algorithm>

#include "support/host.hpp"
#include "support/text.hpp"

namespace amltrain {

void to_json(json& out, const Host& host) {
  out = {{"name", host.name},
         {"slots", host.slots},
         {"address", host.address},
         {"free_bytes", host.free_bytes},
         {"inventory", host.inventory}};
}

Host parse_host(const json& in) {
  Inventory inventory = parse_inventory(field<json>(in, "inventory"));
  const bool here = inventory.host == host_name();
  return {field<std::string>(in, "name"),         field<int>(in, "slots"),
          field<std::string>(in, "address"),      here,
          field<std::uint64_t>(in, "free_bytes"), std::move(inventory)};
}

std::vector<Host> hosts_of_slots(const std::vector<Host>& hosts, const std::vector<int>& slots) {
  std::vector<Host> chosen;
  for (const int slot : slots) chosen.push_back(hosts.at(static_cast<std::size_t>(slot)));
  std::stable_partition(chosen.begin(), chosen.end(), [](const Host& host) { return host.here; });
  return chosen;
}

std::string describe(const std::vector<Host>& hosts) {
  std::vector<std::string> words;
  for (const Host& host : hosts) words.push_back(host.name + " slots=" + std::to_string(host.slots));
  return join(words, ", ");
}

std::string names_of(const std::vector<Host>& hosts) {
  std::vector<std::string> names;
  for (const Host& host : hosts) names.push_back(host.name);
  return join(names, ", ");
}

}  // namespace amltrain
