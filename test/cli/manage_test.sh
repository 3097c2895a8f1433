#!/usr/bin/env bash
# Runs are tagged, noted, compared, archived, deleted, exported and imported; their events are followed.
# shellcheck source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"

amltrain workspace init >/dev/null 2>&1
shell_job one.yml 'amltrain log val_acc 0.5; echo one > outputs/model'
shell_job two.yml 'amltrain log val_acc 0.75; echo two > outputs/model'
shell_job long.yml 'exec sleep 600'
one=$(amltrain submit --quiet --file one.yml --tag team=a)
two=$(amltrain submit --quiet --file two.yml --tag team=a)
long=$(amltrain submit --quiet --file long.yml)
amltrain wait "$one" "$two" >/dev/null 2>&1

# Tags and notes, of any run at any time.
cp ".amltrain/runs/$one/run.json" before
expect 0 amltrain runs tag "$one" quality=good --remove team --output json
holds "$out" 'd["tags"] == {"quality": "good"}'
expect 0 amltrain runs tag "$long" quality=bad
expect 0 amltrain runs tag "$long" $'team=\e[2J'
says "$out" 'team=\x1b[2J'
expect 0 amltrain runs tag "$long" --remove team
same "$(<"$out")" 'quality=bad'
expect 0 amltrain runs list --tag quality=good --output json
holds "$out" "[r['id'] for r in d['items']] == ['$one']"
expect 0 amltrain runs note "$one" $'too hot\e[2J'
says "$out" 'hot\x1b[2J'
expect 0 amltrain runs note "$one" 'better now' --output json
holds "$out" '[n["text"] for n in d["notes"]] == ["too hot\x1b[2J", "better now"]'
expect 0 amltrain runs show "$one"
says "$out" 'better now'
cmp -s before ".amltrain/runs/$one/run.json" || fail 'run.json was written to'
fails 2 bad_input amltrain runs tag "$one"
fails 2 bad_input amltrain runs tag "$one" word
fails 3 not_found amltrain runs note nothing text

# Compare: what differs alone, or all.
expect 0 amltrain runs compare "$one" "$two"
says "$out" 'val_acc'
says_not "$out" 'experiment'
expect 0 amltrain runs compare "$one" "$two" --all
says "$out" 'experiment'
expect 0 amltrain runs compare "$one" "$two" --output json
holds "$out" '[i["values"] for i in d["items"] if i["section"] == "metric"] == [[0.5, 0.75]]'
fails 2 bad_input amltrain runs compare "$one"

# Archived runs are left out of the list unless asked for.
expect 0 amltrain runs archive "$two"
expect 0 amltrain runs list
says_not "$out" "$two"
expect 0 amltrain runs list --archived
says "$out" "$two"
expect 0 amltrain runs archive "$two" --undo
expect 0 amltrain runs list
says "$out" "$two"
fails 6 conflict amltrain runs archive "$long"

# Events: of one run, of all, and as they come.
expect 0 amltrain runs events "$one"
same "$(awk '{ print $3 }' "$out" | paste -sd' ')" 'NotStarted Queued Preparing Running Finalizing Completed'
expect 0 amltrain runs events --all --output json
same "$(python3 -c 'import json, sys; print(sum(json.loads(line)["state"] == "Completed" for line in open(sys.argv[1])))' "$out")" 2
fails 2 bad_input amltrain runs events
fails 2 bad_input amltrain runs events "$one" --all
amltrain runs events "$long" --follow >followed &
follower=$!
amltrain runs events --all --follow --output json >all &
everything=$!
until_true 20 grep -q Running followed
until_true 20 grep -q "$long" all
fails 6 conflict amltrain runs delete "$long"
fails 6 conflict amltrain runs export "$long"
expect 0 amltrain runs cancel "$long"
wait "$follower" || fail 'the follower of a run that was canceled fails'
same "$(tail -n 1 followed | awk '{ print $3 }')" Canceled
later=$(amltrain submit --quiet --file one.yml)
until_true 20 grep -q "\"run\":\"$later\".*Completed" all
kill -INT "$everything"
code=0
wait "$everything" || code=$?
same "$code" 130

# Out of one workspace, into another.
expect 0 amltrain runs export "$one" --to one.tar --output json
holds "$out" 'd["schema"] == "amltrain.run-export/1" and d["path"].endswith("/one.tar") and d["files"] > 4'
same "$(json "$out" 'd["sha256"]')" "$(sha256sum one.tar | cut -d' ' -f1)"
same "$(stat -c %a one.tar)" 600
fails 6 conflict amltrain runs export "$one" --to one.tar
fails 6 conflict amltrain runs import one.tar
amltrain runs show "$one" --output json >exported
amltrain workspace init other >/dev/null 2>&1
expect 0 amltrain runs import one.tar --workspace other --output json
cmp -s exported "$out" || fail 'the imported run is another one'
same "$(stat -c %a "other/.amltrain/runs/$one")" 700
expect 0 amltrain workspace verify --workspace other
fails 3 not_found amltrain runs import nothing.tar

# A run whose outputs were pruned can be kept all the same, and what differs is told.
mv "other/.amltrain/runs/$one/outputs/model" kept.model
expect 0 amltrain runs export "$one" --to pruned.tar --workspace other
says "$err" "differs from what it recorded: 'outputs/model' is missing"
amltrain workspace init third >/dev/null 2>&1
expect 0 amltrain runs import pruned.tar --workspace third
says "$err" "differs from what it recorded: 'outputs/model' is missing"
expect 2 amltrain workspace verify --workspace third
mv kept.model "other/.amltrain/runs/$one/outputs/model"

# Hostile archives leave nothing, inside or outside.
python3 - <<'PYTHON'
import io, tarfile
def archive(name, entries):
    with tarfile.open(name, "w") as tar:
        for info, content in entries:
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
def entry(name, kind=tarfile.REGTYPE, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info
archive("up.tar", [(entry("../escaped"), b"x")])
archive("absolute.tar", [(entry("/tmp/escaped"), b"x")])
archive("link.tar", [(entry("run", tarfile.SYMTYPE, "/tmp"), b""), (entry("run/escaped"), b"x")])
archive("hard.tar", [(entry("run", tarfile.LNKTYPE, "/etc/passwd"), b"")])
with open("junk.tar", "wb") as file:
    file.write(b"no archive" * 1000)
PYTHON
python3 -c 'import sys; sys.stdout.buffer.write(bytes(200 << 20))' >zeros
tar -czf bomb.tar zeros && rm zeros
for archive in up absolute link hard junk bomb; do
  fails 2 bad_input amltrain runs import "$archive.tar" --workspace other
  [[ ! -e escaped && ! -e other/escaped && ! -e /tmp/escaped ]] || fail "$archive.tar wrote outside"
  same "$(ls other/.amltrain/tmp)" ''
done
same "$(ls other/.amltrain/runs)" "$one"

# An output is carried whatever its name; a document that is nested without end is refused.
shell_job locks.yml 'echo mine > outputs/writer.lock'
locks=$(amltrain submit --quiet --file locks.yml)
expect 0 amltrain wait "$locks"
expect 0 amltrain runs export "$locks" --to locks.tar
expect 0 amltrain runs import locks.tar --workspace other
expect 0 amltrain workspace verify --workspace other
same "$(<"other/.amltrain/runs/$locks/outputs/writer.lock")" mine
python3 -c 'print("{\"schema\": \"amltrain.checkpoint/1\", \"state\": " + "[" * 1000000 + "]" * 1000000 + "}")' >deep.json
mkdir -p "other/.amltrain/runs/$locks/checkpoints"
cp deep.json "other/.amltrain/runs/$locks/checkpoints/epoch-000001-step-0000000001.json"
expect 2 amltrain workspace verify --workspace other
says "$out" 'nested more than'
rm -r "other/.amltrain/runs/$locks"

# Deleted runs are gone; several at once.
expect 0 amltrain runs delete "$one" "$two" --output json
same "$(grep -c '"schema":"amltrain.deleted/1"' "$out")" 2
fails 3 not_found amltrain runs show "$one"
expect 0 amltrain workspace verify

# Metrics that end alike are followed point by point; of long texts the part that differs is shown.
amltrain compute create side >/dev/null
for middle in 3 4; do
  shell_job "$middle.yml" ": $(printf 'word %.0s' {1..40}); for value in 9 $middle 1; do amltrain log loss \$value; done"
  runs[middle]=$(amltrain submit --quiet --compute side --file "$middle.yml")
done
amltrain wait "${runs[3]}" "${runs[4]}" >/dev/null 2>&1
expect 0 amltrain runs compare "${runs[3]}" "${runs[4]}"
grep -Eq '^metric +loss +1 +1 +point 2: 3, 4$' "$out" || fail 'it is not said where the losses part'
says "$out" '... value in 9 3 1; do amltrain log loss'
[[ $(wc -L <"$out") -lt 160 ]] || fail 'a long command makes a wide table'
expect 0 amltrain runs compare "${runs[3]}" "${runs[4]}" --output json
holds "$out" "all('word word' in v for i in d['items'] if i['name'] == 'command' for v in i['values'])"
