#!/bin/bash
# Unpacks packages of a Debian suite, with every library they need, into a directory that does not exist yet.
# Nothing is installed on the machine, and no root is needed: run the programs with run-ceph.sh or the like.
# usage: unpack-debian.sh SUITE DIRECTORY PACKAGE…       (HAWSER_TEST_MIRROR: a Debian mirror to use)
set -euo pipefail
suite=$1 directory=$2
shift 2

missing() { echo "unpacking Debian's packages needs $*" >&2; exit 1; }
for tool in apt-get dpkg-deb; do
  command -v "$tool" >/dev/null || missing "$tool (Debian or a relative of it)"
done
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -e "$keyring" ] || missing "the package debian-archive-keyring"

# The mirror that this machine already uses.
mirror() {
  local sources
  sources=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources} 2>/dev/null || true)
  grep -v '^ *#' <<<"$sources" | grep -Eom1 'https?://[^ ]+/debian/?( |$)' || true
}
mirror=${HAWSER_TEST_MIRROR:-$(mirror)}
[ -n "$mirror" ] || missing "a Debian mirror in apt's sources, or HAWSER_TEST_MIRROR"

work=$(mktemp -d "$directory.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{root,state/lists/partial,archives/partial}
touch "$work/status"
echo "deb [signed-by=$keyring] $mirror $suite main" >"$work/sources.list"
# Read after the machine's own configuration, so that its proxy stays in force.
cat >"$work/apt.conf" <<CONF
#clear APT::Update;
#clear DPkg;
Dir::State "$work/state";
Dir::State::status "$work/status";
Dir::Cache "$work";
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
APT::Default-Release "";
APT::Sandbox::User "";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::http::Timeout "30";
Acquire::Check-Valid-Until "false";
CONF
quietly() { "$@" >"$work/log" 2>&1 || { grep '^E: ' "$work/log" >&2 || tail -n 3 "$work/log" >&2; exit 1; }; }
quietly apt-get --config-file="$work/apt.conf" --error-on=any update
quietly apt-get --config-file="$work/apt.conf" --yes --download-only install "$@"
for package in "$work"/archives/*.deb; do
  quietly dpkg-deb --extract "$package" "$work/root"
done
rm -rf "$work"/root/usr/share/{doc,locale,man}
mv "$work/root" "$directory"
