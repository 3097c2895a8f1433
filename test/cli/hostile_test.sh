#!/usr/bin/env bash
# Names, outputs and workspaces that mean harm: nothing is written outside, shown raw to a terminal, or readable by others.
# shellcheck source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"
umask 0002
amltrain workspace init >/dev/null 2>&1
before=$(find . -not -name '.std*' | sort)

# Names of 5,000 characters, with control characters, that leave the store.
for name in a/b .. ../x /abs $'a\nb' $'a\x1b[31m' '' "$(printf 'a%.0s' {1..5000})" .hidden -x 'a b' $'\xff\xfe'; do
  expect 2 amltrain experiment create -- "$name"
  if LC_ALL=C grep -q $'\x1b' "$err"; then fail "an error holds an escape"; fi
  expect 2 amltrain compute create -- "$name"
  expect 2 amltrain submit --experiment="$name/" --source .
  for words in "runs show" "models show" "data show" "experiment show" "compute show"; do
    code=0
    read -ra verb <<<"$words"
    amltrain "${verb[@]}" -- "$name" >"$out" 2>"$err" || code=$?
    [[ $code == 2 || $code == 3 ]] || fail "$words of a bad name exits with $code"
  done
done
same "$(find . -not -name '.std*' | sort)" "$before"

# A script whose outputs lead elsewhere and have names that steer a terminal.
mkdir source outside
echo secret >outside/file
cat >source/run.sh <<'END'
ln -s "$1/file" outputs/link
ln -s "$1" outputs/folder
ln -s ../../../../../../etc outputs/etc
mkfifo outputs/pipe
umask
printf x >"outputs/$(printf 'a\nb')"
printf x >"outputs/$(printf 'red\033[31m')"
END
run=$(amltrain submit --quiet --source source --entry run.sh --experiment hostile -- "$T/outside")
expect 0 amltrain wait "$run"
expect 0 amltrain runs files "$run"
says "$out" 'outputs/a\nb'
says "$out" 'outputs/red\x1b[31m'
for words in "runs show $run" "runs files $run" "wait $run" "register $run --name m" "models show m" "download $run --to shown"; do
  read -ra command <<<"$words"
  expect 0 amltrain "${command[@]}"
  if LC_ALL=C grep -q $'\x1b' "$out" "$err"; then fail "$words lets an escape through"; fi
done
expect 0 amltrain runs show "$run" --output json
holds "$out" "sorted(o['path'] for o in d['outputs']) == ['outputs/a\nb', 'outputs/red\x1b[31m']"
expect 0 amltrain download "$run" --to got
same "$(find got -type f -printf x)" xx
same "$(find .amltrain/models got -type l | wc -l)" 0
same "$(<outside/file)" secret

# The job's environment is in the run's folder: nobody else may look.
same "$(stat -c %a ".amltrain/runs/$run")" 700
same "$(find .amltrain -mindepth 3 -path '.amltrain/runs/*' -prune -o -perm /022 -not -type l -print)" ""
same "$(<".amltrain/runs/$run/logs/rank-0.log")" 0002  # the script's files are the submitter's

# A script that puts FIFOs and devices in the place of its files: nobody waits for them, or reads on for ever.
cat >source/replace.sh <<'END'
if [ "$AMLTRAIN_RESTARTS" = 1 ]; then echo "started again"; exit 0; fi
rm -f "$AMLTRAIN_METRICS" logs/rank-0.log
mkfifo "$AMLTRAIN_METRICS" logs/rank-1.log
case $1 in
  device) ln -s /dev/zero logs/rank-0.log ;;
  *) mkfifo logs/rank-0.log ;;
esac
[ "$1" != notes ] || mkfifo ../notes.json
[ "$1" != killed ] || kill -9 $$
[ "$1" != stays ] || { touch outputs/there; exec sleep 1000; }
END
replacing() { amltrain submit --quiet --source source --entry replace.sh --experiment hostile "$@"; }
for way in pipe device; do
  run=$(replacing -- $way)
  expect 0 timeout 30 amltrain wait "$run" --show-output
  expect 0 amltrain runs show "$run"
  says "$out" 'logs/rank-0.log ('
  says "$out" 'metrics.jsonl (no regular file)'
  for words in "runs metrics $run" "runs files $run" "runs list --metric x" "workspace verify"; do
    read -ra command <<<"$words"
    expect 0 timeout 30 amltrain "${command[@]}"
  done
  fails 2 bad_input timeout 30 amltrain runs logs "$run"
  says "$err" 'rank-0.log is no regular file'
done
run=$(replacing --max-restarts 1 -- killed)
expect 0 timeout 60 amltrain wait "$run" --show-output
says "$err" 'started again'
run=$(replacing -- stays)
until_true 20 test -e ".amltrain/runs/$run/outputs/there"
expect 0 timeout 30 amltrain runs show "$run"
expect 0 timeout 30 amltrain runs cancel "$run" --timeout 20
run=$(replacing -- notes)
until_true 30 grep -q Completed ".amltrain/runs/$run/events.jsonl"
expect 0 timeout 30 amltrain runs list
expect 2 timeout 30 amltrain runs show "$run"
says "$err" 'notes.json is no regular file'
rm ".amltrain/runs/$run/notes.json"
expect 0 amltrain runs show "$run"

# Outputs that no path leads to: the run is as good as without them, and every command goes on.
cat >source/deep.sh <<'END'
echo kept >outputs/kept
cd outputs
python3 -c 'import os
for _ in range(500): os.mkdir("longer_name"), os.chdir("longer_name")
open("file", "w").write("x")'
END
run=$(amltrain submit --quiet --source source --entry deep.sh --experiment hostile)
expect 0 amltrain wait "$run"
expect 0 amltrain runs show "$run"
says "$out" 'not kept as results: outputs/longer_name/'
says "$out" 'its path is too long'
for words in "runs files $run" "runs tag $run a=b" "runs cancel $run" "workspace verify" "download $run --to deep" \
  "runs export $run --to deep.tar" "runs delete $run" "runs import deep.tar" "workspace verify"; do
  read -ra command <<<"$words"
  expect 0 timeout 30 amltrain "${command[@]}"
done
same "$(find deep -type f -printf %f)" kept

# A script that puts a link in the place of its outputs: what is not kept is told, and the store is whole.
cat >source/replace_outputs.sh <<'END'
if [ "$1" = own ]; then cd .. && mv outputs o && ln -s o outputs; else rm outputs && ln -s "$PWD" outputs; fi
echo x >outputs/x
END
for way in own elsewhere; do
  run=$(amltrain submit --quiet --source source --entry replace_outputs.sh --experiment hostile -- $way)
  expect 0 amltrain wait "$run"
  expect 0 amltrain runs show "$run"
  says "$out" 'not kept as results: outputs ('
  expect 0 amltrain workspace verify
done

# A workspace that others may write to, or that is another's, is refused until it is called safe.
chmod g+w .amltrain
expect 2 amltrain runs list
says "$err" 'others may write to'
AMLTRAIN_SAFE_WORKSPACE=$(pwd -P) expect 0 amltrain runs list
AMLTRAIN_SAFE_WORKSPACE='*' expect 0 amltrain runs list
AMLTRAIN_SAFE_WORKSPACE=/elsewhere expect 2 amltrain runs list
chmod g-w .amltrain
for part in runs snapshots; do
  chmod o+w .amltrain/$part
  expect 2 amltrain runs list
  says "$err" "others may write to $T/.amltrain/$part"
  says "$err" 'chmod -R go-w'
  chmod -R go-w .amltrain
done
expect 0 amltrain runs list
if ((EUID == 0)); then
  chown 65534 .amltrain
  expect 2 amltrain runs list
  says "$err" 'belongs to another user'
  SUDO_UID=65534 expect 0 amltrain runs list
  AMLTRAIN_SAFE_WORKSPACE='*' expect 0 amltrain runs list
  chown 0 .amltrain
fi

# YAML that blows up is refused before it does.
{
  echo 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]'
  for i in {1..9}; do printf 'a%d: &a%d [%s]\n' "$i" "$i" "$(printf "*a$((i - 1)), %.0s" {1..9})*a$((i - 1))"; done
  echo 'tags: {t: *a9}'
  echo 'command: true'
} >bomb.yml
(ulimit -v 1000000 && expect 2 amltrain submit --file bomb.yml)

# Bytes that no record can hold are refused by name, wherever they come from.
other=$'a\xff'
mkdir -p bytes && echo true >bytes/train.sh
printf 'tags:\n  k: %s\ncommand: true\n' "$other" >bytes.yml
echo 'command: true' >plain.yml
before=$(amltrain runs list --output json)
fails 2 bad_input amltrain submit --file bytes.yml
says "$err" 'bytes.yml:2: not UTF-8'
fails 2 bad_input amltrain submit --file plain.yml --tag "k=$other"
says "$err" "'tags.k' is not UTF-8"
fails 2 bad_input amltrain submit --file plain.yml --set "description=$other"
expect 2 amltrain submit --source bytes -- "$other"
fails 2 bad_input amltrain submit --source bytes --env "K=$other"
fails 2 bad_input env AMLTRAIN_METRICS="$T/metrics.jsonl" amltrain log "$other" 1
[[ ! -s $T/metrics.jsonl ]] || fail 'a metric of other bytes was recorded'
same "$(amltrain runs list --output json)" "$before"
