// fetch_data() on real archives, from files and from a real HTTP server.
#include <catch2/catch.hpp>
#include <thread>

#include "../support/errors.hpp"
#include "../support/temporary_folder.hpp"
#include "dataset/dataset.hpp"
#include "http_server.hpp"
#include "pictures.hpp"
#include "support/error.hpp"
#include "support/hash.hpp"

using namespace amltrain;
using test::contains;
using test::Entry;
using test::error_of;
using test::Format;
using test::HttpServer;
using test::TemporaryFolder;
using test::two_classes;

namespace {

namespace fs = std::filesystem;

struct Place {
  TemporaryFolder home, files;
  Workspace workspace = Workspace::init(home.path(), "test").workspace;

  std::string archive(const std::string& name, Format format, const std::vector<Entry>& entries) const {
    test::write_archive(files / name, format, entries);
    return (files / name).string();
  }
  DataSet fetch(const std::string& source, const std::string& name = "",
                const std::string& sha256 = "") const {
    FetchRequest request;
    request.source = source;
    request.name = name;
    request.sha256 = sha256;
    return fetch_data(workspace, request);
  }
  /// Whether the store holds no data and no scratch.
  bool is_clean() const {
    return workspace.data().empty() &&
           (!fs::exists(workspace.scratch_folder()) || fs::is_empty(workspace.scratch_folder()));
  }
};

}  // namespace

TEST_CASE("a fetched archive becomes data of its own name, checked and fingerprinted", "[dataset]") {
  const Format format = GENERATE(Format::zip, Format::tar_gz, Format::tar_zst);
  const std::string ending = format == Format::zip      ? ".zip"
                             : format == Format::tar_gz ? ".tar.gz"
                                                        : ".tar.zst";
  const std::string top = GENERATE("", "insects/");
  Place place;
  const std::string archive = place.archive("insects" + ending, format, two_classes(top));
  const DataSet data = place.fetch(archive);
  CHECK(data.name == "insects");
  CHECK(data.source == archive);
  CHECK(data.sha256 == sha256_of_file(archive));
  CHECK(data.unreadable.empty());
  CHECK(data.folder.is_absolute());
  CHECK(test::read_plain(data.folder / "train/bees/1.jpg") == test::jpeg(3));

  const ImageFolder scanned = scan_image_folder(data.folder);
  CHECK(data.fingerprint == fingerprint(scanned));
  CHECK(data.summary == summarise(scanned));
  CHECK(place.workspace.data() == std::vector<std::string>{"insects"});
  CHECK(json(read_data(place.workspace, "insects")) == json(data));
  CHECK(fs::is_empty(place.workspace.scratch_folder()));
}

TEST_CASE("the same images have one fingerprint, however they are packed", "[dataset]") {
  Place place;
  const auto first = place.fetch(place.archive("a.zip", Format::zip, two_classes("")));
  const auto second = place.fetch(place.archive("b.tar.xz", Format::tar_xz, two_classes("top/")));
  CHECK(first.fingerprint == second.fingerprint);
  CHECK(list_data(place.workspace).size() == 2);
}

TEST_CASE("a workspace may be moved, and its data is found at the new place", "[dataset]") {
  Place place;
  place.fetch(place.archive("a.zip", Format::zip, two_classes("top/")));
  TemporaryFolder elsewhere;
  fs::rename(place.workspace.store(), elsewhere / ".amltrain");
  const DataSet data = read_data(Workspace::open(elsewhere.path()), "a");
  CHECK(data.folder.string().starts_with(elsewhere.path().string()));
  CHECK(fs::is_regular_file(data.folder / "val/ants/1.jpg"));
}

TEST_CASE("what macOS packs beside the images is left out", "[dataset]") {
  Place place;
  auto entries = two_classes("insects/");
  entries.push_back({"__MACOSX/insects/train/ants/._1.jpg", "resource fork"});
  entries.push_back({"insects/.DS_Store", "finder"});
  entries.push_back({"insects/train/.DS_Store", "finder"});
  entries.push_back({"insects/train/ants/._1.jpg", "resource fork"});
  const DataSet data = place.fetch(place.archive("insects.zip", Format::zip, entries));
  CHECK(data.unreadable.empty());
  CHECK(data.fingerprint ==
        place.fetch(place.archive("plain.zip", Format::zip, two_classes(""))).fingerprint);
}

TEST_CASE("images that can't be read are named, and the rest is kept", "[dataset]") {
  Place place;
  auto entries = two_classes("");
  entries.push_back({"train/ants/broken.jpg", "no image"});
  entries.push_back({"val/bees/cut.jpg", test::jpeg(1).substr(0, 200)});
  const DataSet data = place.fetch(place.archive("a.zip", Format::zip, entries));
  REQUIRE(data.unreadable.size() == 2);
  CHECK(data.unreadable[0].path == "train/ants/broken.jpg");
  CHECK(data.unreadable[1].path == "val/bees/cut.jpg");
  CHECK(json(read_data(place.workspace, "a")) == json(data));
}

TEST_CASE("an archive without the layout is refused, and nothing is left behind", "[dataset]") {
  Place place;
  const auto entries =
      GENERATE(std::vector<Entry>{{"a.jpg", "x"}}, std::vector<Entry>{{"train/ants/1.jpg", "x"}},
               std::vector<Entry>{{"train/ants/1.jpg", "x"}, {"val/bees/1.jpg", "x"}},
               std::vector<Entry>{{"train/ants/1.jpg", "no image"}, {"val/ants/1.jpg", "no image"}});
  const std::string archive = place.archive("a.zip", Format::zip, entries);
  const Error problem = error_of([&] { place.fetch(archive); });
  CHECK(problem.kind() == category::bad_input);
  CHECK_FALSE(contains(problem.what(), ".amltrain"));
  CHECK(place.is_clean());
}

TEST_CASE("a hostile archive leaves nothing, neither in the store nor outside", "[dataset]") {
  Place place;
  auto entries = two_classes("");
  entries.push_back(GENERATE(Entry{"../../../escaped", "x"}, Entry{"/tmp/amltrain-escaped", "x"},
                             Entry{"train/link", "/", Entry::Kind::symbolic_link},
                             Entry{"train/ants/1.jpg", "twice"}));
  const std::string archive = place.archive("a.tar", Format::tar, entries);
  CHECK(error_of([&] { place.fetch(archive); }).kind() == category::bad_input);
  CHECK(place.is_clean());
  CHECK_FALSE(fs::exists("/tmp/amltrain-escaped"));
  CHECK(test::entries_in(place.home.path()) == 1);
}

TEST_CASE("limits of the request hold", "[dataset]") {
  Place place;
  FetchRequest request;
  request.source = place.archive("a.zip", Format::zip, two_classes(""));
  request.limits.entries = 4;
  CHECK(error_of([&] { fetch_data(place.workspace, request); }).kind() == category::bad_input);
  CHECK(place.is_clean());
}

TEST_CASE("a wrong hash is refused for a file as for an address", "[dataset]") {
  Place place;
  const std::string archive = place.archive("a.zip", Format::zip, two_classes(""));
  HttpServer server(place.files.path());
  for (const std::string& source : {archive, server.url("a.zip")}) {
    const Error problem = error_of([&] { place.fetch(source, "", std::string(64, 'a')); });
    CHECK(problem.kind() == category::bad_input);
    CHECK(contains(problem.what(), sha256_of_file(archive)));
    CHECK(place.is_clean());
  }
}

TEST_CASE("the same archive again gives what is there, another one is a conflict", "[dataset]") {
  Place place;
  const std::string archive = place.archive("a.zip", Format::zip, two_classes(""));
  const std::string other = place.archive("b.zip", Format::zip, two_classes("top/"));
  const DataSet first = place.fetch(archive);
  CHECK(json(place.fetch(archive)) == json(first));
  const Error problem = error_of([&] { place.fetch(other, "a"); });
  CHECK(problem.kind() == category::conflict);
  CHECK(contains(problem.what(), archive));
  CHECK(json(read_data(place.workspace, "a")) == json(first));
}

TEST_CASE("an address that was fetched is not asked again", "[dataset]") {
  Place place;
  place.archive("a.zip", Format::zip, two_classes(""));
  HttpServer server(place.files.path());
  const DataSet first = place.fetch(server.url("a.zip"));
  CHECK(first.source == server.url("a.zip"));
  CHECK(json(place.fetch(server.url("a.zip"))) == json(first));
  CHECK(json(place.fetch(server.url("elsewhere/a.zip"), "a", first.sha256)) == json(first));
  CHECK(error_of([&] { place.fetch(server.url("b.zip"), "a"); }).kind() == category::conflict);
  CHECK(server.log().size() == 1);
}

TEST_CASE("a fetch that was cut keeps the part alone, and the next one goes on with it", "[dataset]") {
  Place place;
  const std::string archive = place.archive("a.zip", Format::zip, two_classes(""));
  HttpServer server(place.files.path());
  // Every response ends after 600 bytes: four attempts are not enough for the first fetch.
  REQUIRE(fs::file_size(archive) > 4 * 600);
  CHECK(error_of([&] { place.fetch(server.url("cut-always/600/a.zip")); }).kind() == category::environment);
  CHECK(place.workspace.data().empty());
  const fs::path scratch = place.workspace.scratch_folder() / "data-a";
  CHECK(fs::file_size(scratch / "archive.part") == 4 * 600);
  CHECK(test::entries_in(scratch) == 2);

  const DataSet data = place.fetch(server.url("cut-always/600/a.zip"));
  CHECK(data.sha256 == sha256_of_file(archive));
  CHECK(server.log()[4].range == "bytes=2400-");
  CHECK(fs::is_empty(place.workspace.scratch_folder()));
}

TEST_CASE("what a killed fetch left is cleared by the next one", "[dataset]") {
  Place place;
  const fs::path scratch = place.workspace.scratch_folder() / "data-a";
  fs::create_directories(scratch / "made/files/train");
  test::write_plain(scratch / "made/files/train/half.jpg", "x");
  const DataSet data = place.fetch(place.archive("a.zip", Format::zip, two_classes("")));
  CHECK_FALSE(fs::exists(data.folder / "train/half.jpg"));
  CHECK(fs::is_empty(place.workspace.scratch_folder()));
}

TEST_CASE("a second fetch of a name while the first is under way is a conflict", "[dataset]") {
  Place place;
  place.archive("a.zip", Format::zip, two_classes(""));
  HttpServer server(place.files.path());
  std::thread first([&] { place.fetch(server.url("slow/60/a.zip")); });
  server.wait_for_request("/slow/60/a.zip");
  const Error problem = error_of([&] { place.fetch(server.url("a.zip")); });
  first.join();
  CHECK(problem.kind() == category::conflict);
  CHECK(place.workspace.data() == std::vector<std::string>{"a"});
}

TEST_CASE("sources that can't be fetched are told apart", "[dataset]") {
  Place place;
  HttpServer server(place.files.path());
  CHECK(error_of([&] { place.fetch((place.files / "absent.zip").string()); }).kind() == category::not_found);
  CHECK(error_of([&] { place.fetch(server.url("absent.zip")); }).kind() == category::not_found);
  const Error folder = error_of([&] { place.fetch(place.files.path().string()); });
  CHECK(folder.kind() == category::bad_input);
  CHECK(contains(folder.hint(), "--data"));
  CHECK(error_of([&] { place.fetch(server.url("a.zip"), "no/name"); }).kind() == category::bad_input);
  CHECK(place.is_clean());
}

TEST_CASE("unknown data is not found, with the nearest name", "[dataset]") {
  Place place;
  place.fetch(place.archive("insects.zip", Format::zip, two_classes("")));
  const Error problem = error_of([&] { read_data(place.workspace, "insekts"); });
  CHECK(problem.kind() == category::not_found);
  CHECK(contains(problem.hint(), "insects"));
}

TEST_CASE("a data document of another version is refused", "[dataset]") {
  Place place;
  const DataSet data = place.fetch(place.archive("a.zip", Format::zip, two_classes("")));
  json document = data;
  document["schema"] = "amltrain.data/2";
  CHECK(error_of([&] { parse_data_set(document); }).kind() == category::bad_input);
}
