#!/bin/bash
# Makes .venv-oracles, where the programs are that train on what speechlabel exports.
# One requirement that cannot be had does not keep the others out: each that is missing is named, here and
# by the tests that need it.
set -uo pipefail
cd "$(dirname "$0")/../.."
here=tests/oracles venv=.venv-oracles
if [ -e $venv/stamp ] && cmp -s $here/requirements.txt $venv/stamp; then exit 0; fi
if ! command -v ffmpeg > /dev/null; then
  if command -v apt-get > /dev/null && [ "$(id -u)" = 0 ]; then
    echo "Installing ffmpeg …"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ffmpeg; } > /dev/null ||
      echo "NOT INSTALLED: ffmpeg, which torchcodec decodes with"
  else
    echo "NOT INSTALLED: ffmpeg, which torchcodec decodes with; on Debian: sudo apt-get install ffmpeg"
  fi
fi
[ -x $venv/bin/python ] || "${1:-python3}" -m venv $venv || { echo "NOT INSTALLED: $venv, nothing of it"; exit 0; }
longest=1500  # seconds for all of it: what hangs is given up
pip() {
  local left=$((longest - SECONDS))
  if [ $left -le 0 ]; then echo "no time was left" >&2; return 1; fi
  timeout $left $venv/bin/python -m pip --disable-pip-version-check install --quiet --prefer-binary "$@"
}
echo "Installing lhotse, datasets, mlcroissant (once, 1.5 GB) …"
if pip -r $here/requirements.txt 2> $venv/pip.log; then
  cp $here/requirements.txt $venv/stamp
  exit 0
fi
# Not all at once; then what can be had.  Without this torch, what needs one would bring the other.
why() { grep -m1 -E 'ERROR|no time' $venv/pip.log || echo "pip gave no reason"; }
torch=$(grep '^torch==' $here/requirements.txt)
is_there=yes
pip "$torch" 2> $venv/pip.log || { is_there=no; echo "NOT INSTALLED: $torch: $(why)"; }
grep -v -e '^#' -e '^torch==' $here/requirements.txt | while read -r wanted; do
  if [ $is_there = no ] && [[ $wanted =~ ^(torchcodec|lhotse|datasets)= ]]; then
    echo "NOT INSTALLED: $wanted: needs $torch"
  elif ! pip "$wanted" 2> $venv/pip.log; then
    echo "NOT INSTALLED: $wanted: $(why)"
  fi
done
