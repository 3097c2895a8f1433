#!/usr/bin/env bash
# The documents and the binary say the same.
# shellcheck disable=SC2016 source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"

: "${AMLTRAIN_SOURCE:?the source folder}"
docs=$AMLTRAIN_SOURCE/docs

# Every command that a document shows is one.
known=$(amltrain man | sed -n 's/^\.SS amltrain \(.*\)/\1/p' | sed -e 's/ \[.*//' -e 's/\\-/-/g' -e 's/ [A-Z].*//')
shown=$(grep -ohE '(`|\$\()amltrain [a-z][a-z-]*( [a-z][a-z-]*)?' "$docs"/contract.md "$docs"/store.md "$docs"/architecture.md \
  "$AMLTRAIN_SOURCE"/README.md | sed 's/^.*amltrain //' | sort -u)
[[ -n $shown ]] || fail "the documents show no command"
while read -r words; do
  grep -qxF -e "$words" -e "${words%% *}" <<<"$known" || [[ $words == supervise* ]] ||
    fail "a document shows 'amltrain $words', which is no command"
done <<<"$shown"
# And every command is in the contract.
while read -r words; do
  grep -qF "\`$words" "$docs/contract.md" || fail "docs/contract.md leaves out '$words'"
done <<<"$known"

# Every option in the contract is one of the program.
options=$(grep -oE -- '`--[a-z-]+' "$docs/contract.md" | tr -d '\`' | sort -u)
page=$(amltrain man | sed 's/\\-/-/g')
while read -r option; do
  grep -qE -- "(^\.B |, )$option( |$)" <<<"$page" || fail "docs/contract.md names $option, which is no option"
done <<<"$options"

# The exit codes of the contract are those that the program gives.
codes=$(sed -n 's/^| \([0-9]*\) | `\([a-z_]*\)`.*/\1 \2/p' "$docs/contract.md")
same "$(wc -l <<<"$codes")" 8
amltrain workspace init >/dev/null 2>&1
shell_job bad.yml 'exit 9'
shell_job long.yml 'exec sleep 600'
bad=$(amltrain submit --quiet --file bad.yml)
long=$(amltrain submit --quiet --file long.yml)
provoke() {
  case $1 in
    run_failed) amltrain wait "$bad" ;;
    bad_input) amltrain submit --num-epochs 0 ;;
    not_found) amltrain runs show nothing ;;
    timed_out) amltrain wait "$long" --timeout 1 ;;
    conflict) amltrain register "$long" --name m ;;
    canceled) amltrain runs cancel "$long" && amltrain wait "$long" ;;
    environment) amltrain workspace show >/dev/full ;;
    internal) ;; # by definition nothing that we know provokes it
    *) fail "docs/contract.md has a category '$1' that this test does not know" ;;
  esac
}
for category in run_failed bad_input not_found timed_out conflict canceled environment; do
  code=0
  provoke $category >"$out" 2>"$err" || code=$?
  grep -qx "$code $category" <<<"$codes" || fail "$category exits with $code; docs/contract.md says otherwise"
done

# The fields of the contract are those of the documents.
fields() { sed -n "\|^### \`$1\`|,/^#/s/^| \`\([a-z_]*\)\`.*/\1/p" "$docs/contract.md" | sort; }
keys() { python3 -c 'import json, sys; print("\n".join(sorted(json.load(sys.stdin))))'; }
same "$(amltrain runs show "$bad" --output json | keys)" "$(fields amltrain.run/1)"
same "$(amltrain workspace show --output json | keys)" "$(fields amltrain.workspace/1)"
same "$(amltrain compute show local --output json | keys)" "$(fields amltrain.compute/1)"
shell_job ok.yml 'mkdir -p outputs; echo x > outputs/x'
ok=$(amltrain submit --quiet --file ok.yml --experiment birds)
amltrain wait "$ok" >/dev/null 2>&1
same "$(amltrain register "$ok" --name m --output json | keys)" "$(fields amltrain.model/1)"
same "$(amltrain experiment show birds --output json | keys)" "$(fields amltrain.experiment/1)"
amltrain data sample images --train 2 --val 2 >/dev/null 2>&1
same "$(amltrain train --data images --num-epochs 1 --image-size 33 --resize-size 36 --output json 2>/dev/null | keys)" \
  "$(fields amltrain.training-report/1)"
same "$(amltrain evaluate outputs/model.pt --data images --output json | keys)" "$(fields amltrain.evaluation/1)"

# The files of the store are those that its document lists.
for path in workspace.json experiments computes runs models locks "runs/$ok/run.json" "runs/$ok/events.jsonl" \
  "runs/$ok/summary.json" "runs/$ok/logs" "runs/$ok/outputs" models/m/1/model.json; do
  [[ -e .amltrain/$path ]] || fail "the store has no $path"
  grep -qF "$(basename "$path" | sed -e "s/^$ok$/RUN_ID/" )" "$docs/store.md" || fail "docs/store.md leaves out $path"
done
