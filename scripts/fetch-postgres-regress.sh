#!/bin/sh
# Unpacks PostgreSQL 15's own regression suite (Debian's source package) beside the system, without installing anything:
# tests send it through the gate. Takes the mirror and the keyring from this machine's own apt sources.
#
#   scripts/fetch-postgres-regress.sh [DIRECTORY]     default: ${XDG_CACHE_HOME:-~/.cache}/sallyport/postgres15-regress
set -eu
. "$(dirname "$0")/debian-archive.sh"
package=postgresql-15
dir=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/sallyport/postgres15-regress}

debian_archive deb-src bookworm
mkdir "$work/source"
(cd "$work/source" && apt apt-get source --download-only --tar-only "$package" >&2)
tar -xjf "$work/source/${package}"_*.orig.tar.bz2 -C "$work/source" --wildcards '*/src/test/regress/*'
regress=$(find "$work/source" -type d -path '*/src/test/regress')
rm -rf "$dir"
mkdir -p "$dir"
cp -r "$regress/sql" "$regress/data" "$regress/parallel_schedule" "$dir"
echo "$dir"
