#include "compute/cpu.hpp"

#include <catch2/catch.hpp>

namespace amltrain {

TEST_CASE("the first processor of /proc/cpuinfo describes the machine", "[compute]") {
  const CpuDescription cpu = describe_cpu(
      "processor\t: 0\nmodel name\t: Some CPU @ 2.00GHz\nflags\t\t: fpu avx2 fma avx512f avx512_bf16 "
      "amx_bf16\n\n"
      "processor\t: 1\nmodel name\t: Other\nflags\t\t: fpu\n");
  CHECK(cpu.model == "Some CPU @ 2.00GHz");
  CHECK(cpu.instruction_sets ==
        std::vector<std::string>{"avx2", "fma", "avx512f", "avx512_bf16", "amx_bf16"});
}

TEST_CASE("a flag is a whole word", "[compute]") {
  CHECK(describe_cpu("flags : avx512fp avx2x xfma\n").instruction_sets.empty());
}

TEST_CASE("arm64 lists its features and no model name", "[compute]") {
  const CpuDescription cpu = describe_cpu("processor\t: 0\nFeatures\t: fp asimd asimddp sve bf16\n");
  CHECK(cpu.model.empty());
  CHECK(cpu.instruction_sets == std::vector<std::string>{"asimd", "asimddp", "bf16", "sve"});
}

TEST_CASE("an empty description is no error", "[compute]") {
  CHECK(describe_cpu("").instruction_sets.empty());
}

}  // namespace amltrain
