#!/usr/bin/env bash
# data fetch: from a real HTTP server with its faults, from a file, and what it refuses.
# shellcheck source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"
: "${AMLTRAIN_SOURCE:?the source folder}"
amltrain workspace init >/dev/null 2>&1
mkdir served
amltrain data sample images --train 3 --val 2 >/dev/null 2>&1
tar -czf served/birds.tar.gz -C images .
hash=$(sha256sum served/birds.tar.gz | cut -d' ' -f1)

exec 3< <(exec python3 "$AMLTRAIN_SOURCE/test/transfer/http_server.py" --root served 2>/dev/null)
server=$!
read -rt 20 port <&3 || fail "the HTTP server does not start"
trap 'kill $server; leave' EXIT
url=http://127.0.0.1:$port

expect 0 amltrain data fetch "$url/birds.tar.gz" --sha256 "$hash"
says "$err" "downloading"
says "$out" "birds"
says_not "$err" $'\r'
expect 0 amltrain data show birds --output json
holds "$out" "d['schema'] == 'amltrain.data/1' and d['sha256'] == '$hash' and d['fingerprint'].startswith('sha256:')"
holds "$out" "d['summary']['train']['images'] == 3 * len(d['summary']['classes']) and d['unreadable'] == []"
first=$(json "$out" "d['fingerprint']")

# The same again is what is there; another under that name is a conflict.
expect 0 amltrain data fetch "$url/birds.tar.gz"
says "$err" "already there"
cp served/birds.tar.gz other.tar.gz
echo >>other.tar.gz
fails 6 conflict amltrain data fetch other.tar.gz --name birds

# A cut connection is gone on with, redirects are followed; the images are the same.
expect 0 amltrain data fetch "$url/redirect/2/cut/1000/birds.tar.gz" --name again --output json
is_empty "$err"
holds "$out" "d['fingerprint'] == '$first'"

# A failed fetch leaves nothing.
fails 3 not_found amltrain data fetch "$url/nothing.zip"
expect 2 amltrain data fetch "$url/birds.tar.gz" --name wrong --sha256 "${hash/[0-9a-f]/x}"
flipped=$(tr '0-9a-f' '1-9a-f0' <<<"$hash")
fails 2 bad_input amltrain data fetch "$url/birds.tar.gz" --name wrong --sha256 "$flipped"
says "$err" "$hash"
head -c 3000 served/birds.tar.gz >cut.tar.gz
fails 2 bad_input amltrain data fetch cut.tar.gz
tar -czf outward.tar.gz -P -C images --transform 's|^\./train|../../outside|' .
fails 2 bad_input amltrain data fetch outward.tar.gz
[[ ! -e outside ]] || fail "the archive wrote outside of its folder"
tar -czf flat.tar.gz -C images/train .
fails 2 bad_input amltrain data fetch flat.tar.gz
says "$err" "train"
expect 0 amltrain data list --output json
holds "$out" "sorted(x['name'] for x in d['items']) == ['again', 'birds']"
same "$(find .amltrain/tmp -type f 2>/dev/null | wc -l)" 0

# A damaged image is named, and does not keep the rest from being used.
image=$(find images/train -type f | head -1)
head -c 100 "$image" >damaged && mv damaged "$image"
tar -czf damaged.tar.gz -C images .
expect 0 amltrain data fetch damaged.tar.gz
says "$out" "${image#images/}"
expect 0 amltrain data show damaged --output json
holds "$out" "[f['path'] for f in d['unreadable']] == ['${image#images/}']"
