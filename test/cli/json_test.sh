#!/usr/bin/env bash
# --output json on every command: one document of the named schema on standard output, nothing else anywhere.
# shellcheck disable=SC2016 source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"


# gives SCHEMA COMMAND...
gives() {
  local schema=$1
  shift
  expect 0 "$@" --output json
  is_empty "$err"
  holds "$out" "d['schema'] == '$schema'"
}

gives amltrain.workspace/1 amltrain workspace init
gives amltrain.workspace/1 amltrain workspace init
gives amltrain.workspace/1 amltrain workspace show
gives amltrain.experiment/1 amltrain experiment create birds --description 'of "feather"'
holds "$out" "d['description'] == 'of \"feather\"'"
gives amltrain.experiment/1 amltrain experiment show birds
gives amltrain.experiment-list/1 amltrain experiment list
gives amltrain.compute/1 amltrain compute create one
gives amltrain.compute/1 amltrain compute show one
gives amltrain.compute-list/1 amltrain compute list
holds "$out" "d['items'][0]['name'] == 'one' and d['items'][0]['schema'] == 'amltrain.compute/1'"
gives amltrain.deleted/1 amltrain compute delete one
gives amltrain.drawn-data/1 amltrain data sample images --train 2 --val 1
tar -czf images.tar.gz images
gives amltrain.data/1 amltrain data fetch images.tar.gz
gives amltrain.data/1 amltrain data show images
gives amltrain.data-list/1 amltrain data list
gives amltrain.data-check/1 amltrain data check images
gives amltrain.data-locked/1 amltrain data lock images
gives amltrain.data-verification/1 amltrain data verify images
gives amltrain.job/1 amltrain submit --data images --dry-run
holds "$out" "d['inputs']['data']['path'] == 'azureml:images' and d['command'].startswith('amltrain train --data ')"

shell_job job.yml 'mkdir -p outputs; echo x > outputs/x; echo line; echo "{\"name\": \"m\", \"value\": 1}" >> "$AMLTRAIN_METRICS"'
gives amltrain.run/1 amltrain submit --file job.yml
run=$(json "$out" "d['id']")
gives amltrain.run/1 amltrain wait "$run"
gives amltrain.run/1 amltrain wait "${run%_*}"
same "$(wc -l <"$out")" 1
gives amltrain.run/1 amltrain submit --file job.yml --quiet
gives amltrain.run-list/1 amltrain runs list
gives amltrain.run/1 amltrain runs show "$run"
gives amltrain.run/1 amltrain runs cancel "$run"
gives amltrain.file-list/1 amltrain runs files "$run"
expect 0 amltrain runs metrics "$run" --output json
holds "$out" "set(d) == {'time', 'name', 'value', 'rank'} and d['value'] == 1"
expect 0 amltrain runs logs "$run" --output json
holds "$out" "d == {'run': '$run', 'rank': 0, 'number': 1, 'line': 'line'}"
gives amltrain.model/1 amltrain register "$run" --name m
gives amltrain.model/1 amltrain models show m
gives amltrain.model-list/1 amltrain models list
gives amltrain.model-verification/1 amltrain models verify m
gives amltrain.download/1 amltrain download m --to there
gives amltrain.description/1 amltrain describe
holds "$out" "d['engine'] and d['machine']['cores'] >= 1"

# Followed with --show-output, the log is on standard error and the document alone on standard output.
expect 0 amltrain submit --file job.yml --stream --output json
holds "$out" "d['state'] == 'Completed'"
same "$(cat "$err")" line

# An error is one document too, whatever bytes the words have.
expect 3 amltrain --output=json runs show $'"quoted" \xff \\ '
is_empty "$out"
holds "$err" "list(d) == ['error'] and list(d['error']) == ['category', 'message', 'hint']"
holds "$err" "d['error']['category'] == 'not_found' and '\"quoted\"' in d['error']['message']"
