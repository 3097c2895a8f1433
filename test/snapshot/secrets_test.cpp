#include "snapshot/secrets.hpp"

#include <catch2/catch.hpp>

namespace amltrain {

TEST_CASE("files that hold credentials by their name are told apart from their templates", "[snapshot]") {
  for (const char* path : {".env", "src/.env", ".env.local", "prod.env", "home/.netrc", ".envrc", "_netrc",
                           ".aws/credentials", ".config/gcloud/application_default_credentials.json",
                           "keys/id_rsa", "a/b/kaggle.json", "cert.p12", ".kube/config"}) {
    INFO(path);
    CHECK(secret_by_name(path));
  }
  for (const char* path : {".env.example", "src/.env.sample", "env.py", "environment.yml", "id_rsa.pub",
                           "credentials.py", "config", "aws/credentials.md", "train.sh"}) {
    INFO(path);
    CHECK_FALSE(secret_by_name(path));
  }
}

TEST_CASE(
    "private keys and published shapes of tokens are found in text, and what only looks like them is not",
    "[snapshot]") {
  const std::string body(40, 'x');
  CHECK(secret_in_text("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n"));
  CHECK(secret_in_text("x\r\n-----BEGIN PRIVATE KEY-----\r\nMIIE\r\n-----END PRIVATE KEY-----\r\n"));
  CHECK(
      secret_in_text("{\"private_key\": \"-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0B\\nAQ==\\n"
                     "-----END PRIVATE KEY-----\\n\"}"));
  CHECK(
      secret_in_text("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQVY\n-----END PGP PRIVATE KEY BLOCK-----\n"));
  CHECK_FALSE(
      secret_in_text("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nlQVY\n-----END PGP PUBLIC KEY BLOCK-----\n"));
  CHECK(secret_in_text("...EndpointSuffix=x;AccountKey=" + body + body + "+/12=="));
  CHECK_FALSE(
      secret_in_text("pem = '-----BEGIN PRIVATE KEY-----\\n' + key + '\\n-----END PRIVATE KEY-----'"));
  CHECK(secret_in_text("token = 'hf_" + body + "'"));
  CHECK(secret_in_text("export GITHUB_TOKEN=ghp_" + body));
  CHECK(secret_in_text("key: AKIA" + std::string(16, 'A')));
  CHECK_FALSE(secret_in_text("-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----\n"));
  CHECK_FALSE(secret_in_text("if line == '-----BEGIN PRIVATE KEY-----': raise"));
  CHECK_FALSE(secret_in_text("hf_hub_download(repo)"));
  CHECK_FALSE(secret_in_text("half_hf_" + body));
  CHECK_FALSE(secret_in_text(""));
  CHECK(secret_in_text("hf_" + body).value().find("xxx") == std::string::npos);
}

}  // namespace amltrain
