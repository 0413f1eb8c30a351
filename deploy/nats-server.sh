#!/usr/bin/env bash
# Provides a nats-server that is new enough and prints its path, and nothing else, on stdout.
#
# Parley needs >= 2.12 (atomic batches, priority policies of consumers); stable distributions carry
# older ones. Looked at in this order:
#
#   1. $NATS_SERVER                     believed, but its version is checked
#   2. nats-server on PATH              if new enough
#   3. .local/bin/nats-server           what an earlier run of this script left
#   4. apt (Debian, Ubuntu)             the package of a newer suite, through the mirror this machine is
#                                       configured for; private apt state, needs no root, installs nothing
#   5. the official release archive     checked against the digests published with the release
#
# Two runs at once are fine: each works in its own directory, and the binary arrives by one rename.
set -euo pipefail

readonly version_min=2.12
# The release of step 5. Its digests are not pinned here: SHA256SUMS of the same release is fetched
# over TLS and verified against, which protects from a damaged download, not from a forged release.
readonly release=${NATS_SERVER_RELEASE:-v2.15.1}
readonly release_url=https://github.com/nats-io/nats-server/releases/download

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=$root/.local/bin/nats-server
work=

say() { printf 'nats-server: %s\n' "$*" >&2; }
cleanup() { if [[ -n $work ]]; then rm -rf "$work"; fi; }
trap cleanup EXIT

# True if the file runs here and its version is at least version_min.
new_enough() {
  local text version
  text=$("$1" --version 2>/dev/null) || return 1
  version=$(sed -n 's/^nats-server: v\([0-9][0-9]*\.[0-9][0-9.]*\).*/\1/p' <<<"$text")
  [[ -n $version ]] || return 1
  local major=${version%%.*} minor=${version#*.}
  minor=${minor%%.*}
  ((major > ${version_min%%.*} || (major == ${version_min%%.*} && minor >= ${version_min#*.})))
}

# Moves a verified binary to .local/bin in one step, so that a second run never sees half of it.
keep() {
  new_enough "$1" || return 1
  mkdir -p "${target%/*}"
  cp "$1" "$target.$$"
  chmod 755 "$target.$$"
  mv -f "$target.$$" "$target"
}

# "<mirror> <component>" of every archive this machine is configured for, without the security ones.
mirrors() {
  apt-get "$@" indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
    awk '$2 !~ /security/ && $3 ~ /^(main|universe)$/ && !seen[$1 $3]++ { print $1, $3 }'
}

from_apt() {
  command -v apt-get >/dev/null && command -v dpkg >/dev/null || return 1
  local id suites keyring
  id=$(. /etc/os-release && echo "${ID:-}")
  case $id in
    debian) suites='forky sid' keyring=/usr/share/keyrings/debian-archive-keyring.gpg ;;
    ubuntu) suites='resolute devel' keyring=/usr/share/keyrings/ubuntu-archive-keyring.gpg ;;
    *) return 1 ;;
  esac
  [[ -r $keyring ]] || return 1

  local state=$work/apt
  mkdir -p "$state"/{lists/partial,cache/archives/partial}
  : >"$state/status"
  local private=(-qq -o "Dir::State=$state" -o "Dir::State::Lists=$state/lists" -o "Dir::Cache=$state/cache"
    -o "Dir::State::status=$state/status" -o APT::Sandbox::User=root -o Acquire::Languages=none
    -o Acquire::Retries=2)

  local found
  found=$(mirrors)
  if [[ -z $found ]]; then # a bare machine has no lists yet: fetch them into our own state
    say 'reading the package lists of this machine'
    apt-get "${private[@]}" update >&2 || return 1
    found=$(mirrors "${private[@]}")
  fi

  local mirror component suite
  while read -r mirror component; do
    for suite in $suites; do
      say "trying the package of $id $suite"
      echo "deb [signed-by=$keyring] $mirror $suite $component" >"$state/newer.list"
      local newer=("${private[@]}" -o "Dir::Etc::SourceList=$state/newer.list" -o Dir::Etc::SourceParts=-)
      rm -rf "$work/deb" && mkdir -p "$work/deb"
      apt-get "${newer[@]}" update >&2 || continue
      (cd "$work/deb" && apt-get "${newer[@]}" download nats-server >&2) || continue
      dpkg -x "$work"/deb/*.deb "$work/deb/root" || continue
      if keep "$work/deb/root/usr/bin/nats-server"; then return 0; fi
      if keep "$work/deb/root/usr/sbin/nats-server"; then return 0; fi
    done
  done <<<"$found"
  return 1
}

fetch() {
  if command -v curl >/dev/null; then
    curl --fail --silent --show-error --location --retry 2 --connect-timeout 10 --output "$2" "$1" >&2
  elif command -v wget >/dev/null; then
    wget --quiet --tries=2 --timeout=30 --output-document="$2" "$1" >&2
  else
    return 1
  fi
}

digest() { if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1; }

from_release() {
  local os arch
  case $(uname -s) in Linux) os=linux ;; Darwin) os=darwin ;; *) return 1 ;; esac
  case $(uname -m) in x86_64 | amd64) arch=amd64 ;; aarch64 | arm64) arch=arm64 ;; *) return 1 ;; esac
  local name=nats-server-$release-$os-$arch
  say "downloading the official release $release for $os/$arch"
  fetch "$release_url/$release/SHA256SUMS" "$work/SHA256SUMS" || return 1
  fetch "$release_url/$release/$name.tar.gz" "$work/$name.tar.gz" || return 1
  local expected
  expected=$(awk -v file="$name.tar.gz" '$2 == file || $2 == "*" file { print $1 }' "$work/SHA256SUMS")
  if [[ -z $expected || $(digest "$work/$name.tar.gz") != "$expected" ]]; then
    say "the digest of $name.tar.gz is not the published one"
    return 1
  fi
  tar -xzf "$work/$name.tar.gz" -C "$work"
  keep "$work/$name/nats-server"
}

if [[ -n ${NATS_SERVER:-} ]]; then
  if new_enough "$NATS_SERVER"; then
    echo "$NATS_SERVER"
    exit 0
  fi
  say "NATS_SERVER is set to $NATS_SERVER, which is not a nats-server >= $version_min"
  exit 1
fi

on_path=$(command -v nats-server || true)
for candidate in "$on_path" "$target"; do
  if [[ -n $candidate && -x $candidate ]] && new_enough "$candidate"; then
    echo "$candidate"
    exit 0
  fi
done

work=$(mktemp -d)
if from_apt || from_release; then
  echo "$target"
  exit 0
fi
say "none found: install nats-server >= $version_min (https://nats.io/download, or brew install nats-server) and put it on PATH, or set NATS_SERVER to its path"
exit 1
