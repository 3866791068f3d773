#!/bin/sh
# Unpacks OpenSSH 10 (Debian trixie) beside the system, without installing anything: tests use it as a peer that speaks
# mlkem768x25519-sha256. Takes the mirror and the keyring from this machine's own apt sources.
#
#   scripts/fetch-openssh10.sh [DIRECTORY]     default: ${XDG_CACHE_HOME:-~/.cache}/sallyport/openssh10
#
# Leaves the programs in DIRECTORY/bin, as wrappers that run them with their own loader and libraries (test/kit/openssh10.ts).
set -eu
. "$(dirname "$0")/debian-archive.sh"
dir=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/sallyport/openssh10}
packages="openssh-client openssh-server openssh-sftp-server"

debian_archive deb trixie
mkdir "$work/debs"

# Only what the programs load: the libraries of the dependency closure, and no package's scripts are run.
closure=$(apt apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances $packages |
  awk '/^lib|^openssh/ { print $1 }' | grep -E '^(openssh-|lib(c6|ssl3|zstd1|crypt1|pam0g|selinux1|audit1|wrap0|gssapi-krb5-2|krb5-3|krb5support0|k5crypto3|com-err2|keyutils1|nsl2|tirpc3|pcre2-8-0|cap-ng0|systemd0|cap2|gcrypt20|lz4-1|lzma5|gpg-error0|fido2-1|cbor0|edit2|bsd0|md0|tinfo6|udev1|wtmpdb0|sqlite3-0)|zlib1g)' | sort -u)
(cd "$work/debs" && apt apt-get download $closure zlib1g >&2)
root="$dir/root"
rm -rf "$dir"
mkdir -p "$root"
for deb in "$work"/debs/*.deb; do dpkg-deb -x "$deb" "$root"; done

# Each program through the loader it was built with: this machine's own may be older.
loader=$(find "$root" -name 'ld-linux-*.so.*' | head -n 1)
libraries=$(dirname "$(find "$root" -name 'libcrypto.so.3' | head -n 1)")
mkdir -p "$dir/bin"
for program in usr/bin/ssh usr/bin/scp usr/bin/sftp usr/bin/ssh-keygen usr/sbin/sshd usr/lib/openssh/sshd-session usr/lib/openssh/sshd-auth \
  usr/lib/openssh/sftp-server; do
  wrapper="$dir/bin/$(basename "$program")"
  printf '#!/bin/sh\nexec %s --library-path %s %s "$@"\n' "$loader" "$libraries" "$root/$program" > "$wrapper"
  chmod +x "$wrapper"
done
echo "$dir"
