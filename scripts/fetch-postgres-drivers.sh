#!/bin/sh
# Fetches PostgreSQL drivers that tests drive, beside the system: psycopg 3 (with a libpq of its own), psycopg2, JDBC.
# By pip and Maven, from the registries that this machine is set up for.
#
#   scripts/fetch-postgres-drivers.sh [DIRECTORY]     default: ${XDG_CACHE_HOME:-~/.cache}/sallyport/postgres-drivers
set -eu
dir=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/sallyport/postgres-drivers}
rm -rf "$dir"
mkdir -p "$dir"
python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --target "$dir/python" \
  psycopg==3.3.9 psycopg-binary==3.3.9 psycopg2-binary==2.9.13
# Not every machine reaches a Maven repository: its tests are skipped then, by name.
timeout 180 mvn -q -B dependency:copy -Dartifact=org.postgresql:postgresql:42.7.14 -DoutputDirectory="$dir" -Dmdep.stripVersion=true ||
  echo "no JDBC driver: Maven could not fetch it" >&2
echo "$dir"
