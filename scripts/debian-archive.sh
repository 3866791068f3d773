# Sourced by scripts that unpack something of Debian beside the system, without installing anything: `apt` below asks the
# mirror that this machine's own sources name, by Debian's own keyring, and touches nothing of the system's.
#
#   debian_archive deb|deb-src SUITE
#
# Leaves $work, a scratch folder that is removed at the end.

debian_archive() {
  kind=$1
  suite=$2
  # The mirror this machine already uses for Debian's own main archive, in whatever format its sources are written.
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
  mkdir -p "$work/etc" "$work/lists/partial" "$work/cache/archives/partial"
  : > "$work/status"
  echo "$kind [signed-by=$keyring] $mirror $suite main" > "$work/etc/sources.list"
  apt apt-get update >&2
}

# apt apt-get|apt-cache ARGUMENTS…
apt() {
  command="$1"; shift
  "$command" -q -o Dir::Etc::sourcelist="$work/etc/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State="$work" -o Dir::State::lists="$work/lists" -o Dir::State::status="$work/status" \
    -o Dir::Cache="$work/cache" -o APT::Sandbox::User=root -o APT::Install-Recommends=false "$@"
}
