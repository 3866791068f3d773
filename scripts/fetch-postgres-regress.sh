#!/bin/sh
# Unpacks PostgreSQL 15's own regression suite (Debian's source package) beside the system, without installing anything:
# tests send it through the gate. Takes the mirror and the keyring from this machine's own apt sources.
#
#   scripts/fetch-postgres-regress.sh [DIRECTORY]     default: ${XDG_CACHE_HOME:-~/.cache}/sallyport/postgres15-regress
set -eu
suite=bookworm
package=postgresql-15
dir=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/sallyport/postgres15-regress}

mirror=$(apt-get indextargets --format '$(CREATED_BY) $(ORIGIN) $(LABEL) $(COMPONENT) $(REPO_URI)' |
  awk '$1 == "Packages" && $2 == "Debian" && $3 == "Debian" && $4 == "main" { print $5; exit }')
if [ -z "$mirror" ]; then
  mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
    awk '/^(deb|URIs:)/ { for (i = 2; i <= NF; i++) if ($i ~ /:\/\/.*\/debian\/?$/) { print $i; exit } }')
fi
[ -n "$mirror" ] || { echo "no Debian mirror in this machine's apt sources" >&2; exit 1; }
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$keyring" ] || { echo "no $keyring (apt install debian-archive-keyring)" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/etc" "$work/lists/partial" "$work/cache/archives/partial" "$work/source"
: > "$work/status"
echo "deb-src [signed-by=$keyring] $mirror $suite main" > "$work/etc/sources.list"
apt() {
  apt-get -q -o Dir::Etc::sourcelist="$work/etc/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::State="$work" \
    -o Dir::State::lists="$work/lists" -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache" \
    -o APT::Sandbox::User=root "$@"
}
apt update >&2
(cd "$work/source" && apt source --download-only --tar-only "$package" >&2)
tar -xjf "$work/source/${package}"_*.orig.tar.bz2 -C "$work/source" --wildcards '*/src/test/regress/*'
regress=$(find "$work/source" -type d -path '*/src/test/regress')
rm -rf "$dir"
mkdir -p "$dir"
cp -r "$regress/sql" "$regress/data" "$regress/parallel_schedule" "$dir"
echo "$dir"
