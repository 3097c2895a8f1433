#include <catch2/catch.hpp>

#include "registry/model.hpp"

using namespace amltrain;

TEST_CASE("model references are read in every form that users know", "[registry]") {
  struct Case {
    const char* text;
    const char* name;
    int version;  // 0: the newest
  };
  const Case row =
      GENERATE(Case{"pt-dnn", "pt-dnn", 0}, Case{"pt-dnn:3", "pt-dnn", 3}, Case{"pt-dnn/3", "pt-dnn", 3},
               Case{"pt-dnn@latest", "pt-dnn", 0}, Case{"pt-dnn:latest", "pt-dnn", 0},
               Case{"models:/pt-dnn/12", "pt-dnn", 12}, Case{"models:/pt-dnn", "pt-dnn", 0},
               Case{"models:/pt-dnn/latest", "pt-dnn", 0}, Case{"azureml:pt-dnn:2", "pt-dnn", 2},
               Case{"azureml:pt-dnn@latest", "pt-dnn", 0}, Case{"a.b_c-1:10", "a.b_c-1", 10});
  INFO(row.text);
  const auto reference = parse_model_reference(row.text);
  REQUIRE(reference);
  CHECK(reference->name == row.name);
  CHECK(reference->version.value_or(0) == row.version);
}

TEST_CASE("what names no model is no reference", "[registry]") {
  const std::string text =
      GENERATE("", ":", "pt-dnn:", "pt-dnn:0", "pt-dnn:-1", "pt-dnn:1x", "pt-dnn:99999999999", "pt-dnn@1",
               "a/b/c", "outputs/model.pt", "./model.pt", "/model", "models:/", "models://pt-dnn/1",
               "azureml:", "a b", "model\n");
  INFO(text);
  CHECK_FALSE(parse_model_reference(text));
}
