#include "dataset/archive_name.hpp"

#include <catch2/catch.hpp>

using namespace amltrain;

TEST_CASE("an archive's name is its file's name without its endings", "[dataset]") {
  CHECK(name_of_archive("a/birds.zip") == "birds");
  CHECK(name_of_archive("birds.v2.tar.gz") == "birds.v2");
  CHECK(name_of_archive("birds.tgz") == "birds");
  CHECK(name_of_archive("https://host/files/birds.tar.zst?token=a/b.zip#top") == "birds");
  CHECK(name_of_archive("https://host/birds/") == "birds");
  CHECK(name_of_archive("/data/what?.zip") == "what?");
  CHECK(name_of_archive(".zip") == ".zip");
}

TEST_CASE("metadata of macOS is known by its names alone", "[dataset]") {
  CHECK(is_macos_metadata("__MACOSX"));
  CHECK(is_macos_metadata("__MACOSX/train/a.jpg"));
  CHECK(is_macos_metadata("train/.DS_Store"));
  CHECK(is_macos_metadata("train/ants/._1.jpg"));
  CHECK_FALSE(is_macos_metadata("train/ants/1.jpg"));
  CHECK_FALSE(is_macos_metadata("train/__MACOSX/1.jpg"));
}
