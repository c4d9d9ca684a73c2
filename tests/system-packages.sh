#!/bin/bash
# Debian packages that the tests use: a browser, the judges of export formats, Node for the editor's tests.
# Installed when root runs this on Debian or Ubuntu; otherwise what is missing is named.
set -euo pipefail
declare -A needed=(
  [chromium]=chromium [praat]=praat [strace]=strace [node]=nodejs [npm]=npm
)
missing=()
for command in "${!needed[@]}"; do
  command -v "$command" > /dev/null || missing+=("${needed[$command]}")
done
dpkg -L sctk > /dev/null 2>&1 || missing+=(sctk)
fc-list 2> /dev/null | grep -qi "CJK" || missing+=(fonts-noto-cjk)
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi
if command -v apt-get > /dev/null && [ "$(id -u)" = 0 ]; then
  echo "Installing ${missing[*]} …"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
else
  echo "Not installed, and needed by some tests: ${missing[*]}"
  echo "On Debian or Ubuntu: sudo apt-get install ${missing[*]}"
fi
