#!/usr/bin/env bash
# Secrets in the variables of a job: its command gets them, and nothing that is kept or shown has them.
# shellcheck disable=SC2016 source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"

amltrain workspace init >/dev/null 2>&1
secret=hunter2-$RANDOM$RANDOM
# What a command has got is told by its hash.
mkdir src
cat >src/train.sh <<'SCRIPT'
printf '%s %s' "$HF_TOKEN" "$DATABASE" | sha256sum >outputs/got
echo "epochs $EPOCHS"
echo "score=1 step=1" >>"$AMLTRAIN_METRICS"
# Once: killed, and started again.
[ "$AMLTRAIN_RESTARTS" = 1 ] || [ ! -e "$1" ] || kill -KILL $$
SCRIPT
url="postgres://me:$secret@host/db"
expected=$(printf '%s %s' "$secret" "$url" | sha256sum)
variables=(--env "HF_TOKEN=$secret" --env "DATABASE=$url" --env EPOCHS=3)
nowhere() { ! grep -rqF "$secret" "$T/.amltrain" || fail "the secret is in $(grep -rlF "$secret" "$T/.amltrain" | tr '\n' ' ')"; }
shown() { ! grep -qF "$secret" "$out" "$err" || fail "the secret is shown"; }

# Nothing that is printed has it.
expect 0 amltrain submit --source src "${variables[@]}" --dry-run --output json
shown
holds "$out" "d['environment_variables'] == {'HF_TOKEN': '(secret, not kept)', 'DATABASE': '(secret, not kept)', 'EPOCHS': '3'}"
expect 0 amltrain submit --source src "${variables[@]}" --dry-run
shown
says "$out" "EPOCHS=3"
touch again
expect 0 amltrain submit --source src "${variables[@]}" --max-restarts 1 --stream --output json -- "$T/again"
shown
run=$(json "$out" "d['id']")
holds "$out" "len(d['restarts']) == 1 and d['job']['environment_variables']['EPOCHS'] == '3'"
same "$(cat ".amltrain/runs/$run/outputs/got")" "$expected"
for form in text json; do
  expect 0 amltrain runs show "$run" --output $form
  shown
done
nowhere

# While it runs no command line has it, nor any file.
cat >src/long.sh <<'SCRIPT'
exec sleep 600
SCRIPT
long=$(amltrain submit --source src --entry long.sh "${variables[@]}" --quiet)
until_true 30 in_state "$long" Running
nowhere
python3 - "$long" "$secret" <<'PYTHON' || fail "a command line of the run has the secret"
import glob, sys
run, secret = (word.encode() for word in sys.argv[1:])
seen = 0
for name in glob.glob("/proc/[0-9]*/cmdline"):
    try:
        line = open(name, "rb").read()
    except OSError:
        continue
    if run in line and b"supervise" in line:
        seen += 1
        if secret in line: sys.exit(1)
sys.exit(0 if seen else 1)
PYTHON
# Nor after it was killed: there is no file that somebody would have to remove.
kill -KILL "$(python3 -c 'import json, sys
print([e["supervisor"]["pid"] for e in map(json.loads, open(sys.argv[1])) if "supervisor" in e][-1])' \
  ".amltrain/runs/$long/events.jsonl")"
expect 7 amltrain wait "$long"
nowhere

# A job file: its variables, and what explains it.
cat >job.yml <<YAML
command: printf '%s %s' "\$HF_TOKEN" "\$DATABASE" | sha256sum > outputs/got
environment_variables:
  HF_TOKEN: $secret
  DATABASE: $url
YAML
for form in text json; do
  expect 0 amltrain job explain job.yml --output $form
  shown
done
expect 0 amltrain submit --file job.yml --stream --output json
shown
same "$(cat ".amltrain/runs/$(json "$out" "d['id']")/outputs/got")" "$expected"
nowhere

# What is done again needs the values from whoever asks for it.
fails 2 bad_input amltrain reproduce "$run"
says "$err" "DATABASE, HF_TOKEN"
expect 0 env HF_TOKEN="$secret" DATABASE="$url" amltrain reproduce "$run" --output json
shown
holds "$out" "d['verdict'] == 'identical'"
again=$(json "$out" "d['run']")
same "$(cat ".amltrain/runs/$again/outputs/got")" "$expected"
nowhere

# A URL with a signature or a password, of an input or of data: fetched with it, kept and shown without.
: "${AMLTRAIN_SOURCE:?the source folder}"
mkdir served
echo "x,y" >served/table.csv
amltrain data sample images --train 2 --val 1 >/dev/null 2>&1
tar -czf served/birds.tar.gz -C images .
exec 3< <(exec python3 "$AMLTRAIN_SOURCE/test/transfer/http_server.py" --root served 2>/dev/null)
server=$!
trap 'kill $server; leave' EXIT
read -rt 20 port <&3 || fail "the HTTP server does not start"
cat >input.yml <<YAML
command: cat \${{inputs.table}} && env | sort > outputs/variables
inputs:
  table: {type: uri_file, path: "http://127.0.0.1:$port/table.csv?sv=1&sig=$secret&page=2"}
YAML
asked() { python3 -c 'import sys, urllib.request
print(urllib.request.urlopen(sys.argv[1]).read().decode())' "http://127.0.0.1:$port/log"; }
for form in text json; do
  expect 0 amltrain submit --file input.yml --dry-run --output $form
  shown
  says "$out" 'sv=***&sig=***&page=2'
done
expect 0 amltrain submit --file input.yml --stream --output json
shown
run=$(json "$out" "d['id']")
same "$(cat ".amltrain/runs/$run/inputs/table/table.csv")" x,y
[[ $(asked) == *"sig=$secret&page=2"* ]] || fail "it was fetched without its signature"
expect 0 amltrain runs show "$run" --output json
shown
nowhere # the command did not get it either
fails 2 bad_input amltrain reproduce "$run"
says "$err" AMLTRAIN_INPUT_table
expect 0 env AMLTRAIN_INPUT_table="http://127.0.0.1:$port/table.csv?sv=1&sig=$secret&page=2" amltrain reproduce "$run" --output json
shown
expect 1 amltrain submit --file input.yml --set "inputs.table.path=http://me:$secret@127.0.0.1:$port/none.csv?sig=$secret" --stream
shown
says "$out" none.csv
expect 0 amltrain data fetch "http://me:$secret@127.0.0.1:$port/birds.tar.gz?token=$secret"
shown
expect 0 amltrain data show birds --output json
shown
expect 3 amltrain data fetch "http://127.0.0.1:$port/none.tar.gz?X-Amz-Signature=$secret"
shown
nowhere
expect 0 amltrain workspace verify
