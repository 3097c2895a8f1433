#!/usr/bin/env bash
# data check, lock and verify; training on data that is not as locked.
# shellcheck source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"

amltrain workspace init >/dev/null 2>&1
amltrain data sample images --train 6 --val 3 >/dev/null 2>&1

# Nothing wrong: exit code 0.
expect 0 amltrain data check images
says "$out" "Fit to train on"
is_empty "$err"
expect 0 amltrain data check ./images --output json --threads 1
holds "$out" "d['schema'] == 'amltrain.data-check/1' and d['ok'] and d['copies'] == [] and d['unreadable'] == []"
holds "$out" "d['balance']['ratio'] == 1 and d['summary']['images'] == 18 and d['small']['files'] == []"
holds "$out" "240 <= d['sizes']['width']['min'] <= d['sizes']['width']['median'] <= d['sizes']['width']['max']"
expect 0 amltrain data check images --image-size 1000 --output json
holds "$out" "len(d['small']['files']) == 18"

# A lock, and data that is as locked; a second lock is the same.
expect 0 amltrain data lock images
[[ -f images/data.lock.json ]] || fail "no lock beside the data"
cp images/data.lock.json first
expect 0 amltrain data lock images --output json
holds "$out" "d['schema'] == 'amltrain.data-locked/1' and d['files'] == 18 and d['lock'] == '$T/images/data.lock.json'"
cmp first images/data.lock.json
holds first "d['schema'] == 'amltrain.data-lock/1' and d['files'][0]['label'] == 'beetles'"
expect 0 amltrain data verify images
expect 0 amltrain data lock images --to other.json
cmp first other.json

# By name: the lock lies in the workspace, not among the files.
tar -czf insects.tar.gz --exclude data.lock.json images
amltrain data fetch insects.tar.gz >/dev/null 2>&1
fails 3 not_found amltrain data verify insects
expect 0 amltrain data lock insects
cmp first .amltrain/data/insects/data.lock.json
expect 0 amltrain data verify insects --output json
holds "$out" "d['schema'] == 'amltrain.data-verification/1' and d['ok'] and d['files'] == 18"
expect 0 amltrain data check insects
expect 0 amltrain data list

# Planted: a leak, a label conflict and a bad file are named, with exit code 2.
cp images/train/beetles/beetle-0001.jpg images/val/beetles/leak.jpg
cp images/train/beetles/beetle-0002.jpg images/train/butterflies/wrong.jpg
echo text >images/train/beetles/text.jpg
expect 2 amltrain data check images
says "$out" "train/beetles/beetle-0001.jpg  =  val/beetles/leak.jpg"
says "$out" "train/beetles/beetle-0002.jpg  =  train/butterflies/wrong.jpg"
says "$out" "train/beetles/text.jpg: not a JPEG, PNG or WebP image"
says "$err" "1 unreadable file, 1 leak from train to val, 1 label conflict"
expect 2 amltrain data check images --output json
holds "$out" "not d['ok'] and d['leaks'] == 1 and d['label_conflicts'] == 1 and len(d['copies']) == 2"
holds "$out" "[f['path'] for f in d['unreadable']] == ['train/beetles/text.jpg']"
holds "$err" "d['error']['category'] == 'bad_input'"

# And they are not as locked: neither verify nor train takes them.
rm images/train/beetles/beetle-0003.jpg
printf x | dd of=images/val/beetles/beetle-0001.jpg bs=1 seek=200 conv=notrunc status=none
expect 2 amltrain data verify images
says "$out" "missing  train/beetles/beetle-0003.jpg"
says "$out" "extra    val/beetles/leak.jpg"
says "$out" "changed  val/beetles/beetle-0001.jpg: content changed"
expect 2 amltrain data verify images --lock first --output json
holds "$out" "not d['ok'] and d['missing'] == ['train/beetles/beetle-0003.jpg'] and len(d['extra']) == 3"
fails 2 bad_input amltrain train --data images
says "$err" "not as locked"
fails 6 conflict amltrain data lock images
expect 0 amltrain data lock images --force
expect 0 amltrain data verify images

# What the supervisor of a run has just compared is not read once more: the sizes alone are looked at.
printf y | dd of=images/val/beetles/beetle-0001.jpg bs=1 seek=200 conv=notrunc status=none
fails 2 bad_input amltrain train --data images --weights none.pth
says "$err" "not as locked"
AMLTRAIN_VERIFIED_LOCK=images/data.lock.json fails 3 not_found amltrain train --data images --weights none.pth

# Bad input.
for command in check lock verify; do
  fails 2 bad_input amltrain data $command
  fails 3 not_found amltrain data $command nothing
done
mkdir empty
fails 2 bad_input amltrain data check empty
fails 2 bad_input amltrain data check images --near-distance 17
fails 2 bad_input amltrain data check images --threads -1
echo '{}' >broken.json
fails 2 bad_input amltrain data verify images --lock broken.json
fails 3 not_found amltrain data verify images --lock none.json
