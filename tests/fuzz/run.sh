#!/bin/sh
# Fuzzes one target for BH_FUZZ_SECONDS seconds (10 unless set): run.sh TARGET CORPUS FINDINGS.
#
# The corpus is only read.  What breaks the target is left in the folder FINDINGS, under the name that
# the output gives.  An input that takes 25 s or 2 GiB counts as one that breaks it.
set -eu
target=$1 corpus=$2 findings=$3
mkdir -p "$findings"
grown=$(mktemp -d)
trap 'rm -rf "$grown"' EXIT
"$target" -max_total_time="${BH_FUZZ_SECONDS:-10}" -timeout=25 -rss_limit_mb=2048 -verbosity=0 \
	-print_final_stats=1 -artifact_prefix="$findings/" "$grown" "$corpus"
