#!/usr/bin/env bash
# Every command has a help text with an example; completion and the manual page are made from the same tree.
# shellcheck source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"

commands=$(amltrain man | sed -n 's/^\.SS amltrain \(.*\)/\1/p' | sed -e 's/ \[.*//' -e 's/\\-/-/g' -e 's/ [A-Z].*//')
(($(wc -l <<<"$commands") > 25)) || fail "the manual page names too few commands"
while read -r command; do
  # shellcheck disable=SC2086
  expect 0 amltrain $command --help
  is_empty "$err"
  says "$out" "Usage: amltrain $command"
  says "$out" "Example: "
  says "$out" "--workspace DIR"
  says "$out" "--output text|json"
done <<<"$commands"
for group in "" workspace experiment compute data runs models completion; do
  expect 0 amltrain $group --help
  says "$out" "Commands:"
done
says_not "$out" supervise

expect 0 amltrain --version
says "$out" "amltrain "
expect 0 amltrain --version --output json
holds "$out" "d['schema'] == 'amltrain.version/1' and d['version'].count('.') == 2"

# The manual page has no fault that man can find.
amltrain man >amltrain.1
if command -v man >/dev/null; then
  man --warnings -E UTF-8 -l -Tutf8 -Z amltrain.1 2>faults >/dev/null
  is_empty faults
fi

# bash completes commands, options, choices and files.
completions() {
  bash -c 'source <(amltrain completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _amltrain
           printf "%s\n" "${COMPREPLY[@]}"' bash "$@"
}
same "$(completions amltrain exper)" experiment
same "$(completions amltrain runs metr)" metrics
same "$(completions amltrain --output json runs metr)" metrics
same "$(completions amltrain submit --num)" --num-epochs
same "$(completions amltrain submit --precision b)" bf16
same "$(completions amltrain runs list --output j)" json
touch job.yml
same "$(completions amltrain submit --file jo)" job.yml
amltrain workspace init >/dev/null 2>&1
shell_job job.yml true
run=$(amltrain submit --quiet --file job.yml --experiment birds)
same "$(completions amltrain wait birds)" "$run"
amltrain wait "$run" >/dev/null 2>&1

# So do the other two, where they are installed; what zsh would offer is printed instead.
amltrain completion zsh >_amltrain
amltrain completion fish >amltrain.fish
if command -v zsh >/dev/null; then
  offered() {
    zsh -f -c 'compdef() { : }; compadd() { shift; print -l -- $@ }; _files() { print FILES }
               source ./_amltrain; words=("$@"); CURRENT=$#; _amltrain' zsh "$@"
  }
  same "$(offered amltrain submit --precision '' | xargs)" "fp32 bf16 fp16 auto"
  same "$(offered amltrain submit --file '')" FILES
  says <(offered amltrain --output json runs '') metrics
  says <(offered amltrain wait '') "$run"
fi
if command -v fish >/dev/null; then
  fish --no-execute amltrain.fish
  same "$(fish --no-config -c 'source amltrain.fish; complete -C "amltrain submit --precision b"' | cut -f 1)" bf16
  says <(fish --no-config -c 'source amltrain.fish; complete -C "amltrain runs metr"') metrics
fi
