#!/bin/sh
# Installs a released sfcred: downloads the archive for this platform, verifies its SHA-256 against the published checksum, and
# copies the program into a folder. Does nothing if that version is already on the PATH.
#
#   install.sh VERSION FOLDER        for example: install.sh 0.1.0 "$HOME/.local/bin"
#
# SFCRED_RELEASES is the base URL of the archives, for mirrors. It must contain `v<VERSION>/sfcred-<TARGET>.tar.gz` and
# `v<VERSION>/SHA256SUMS`.
set -eu

version=${1:?"usage: install.sh VERSION FOLDER"}
folder=${2:?"usage: install.sh VERSION FOLDER"}
releases=${SFCRED_RELEASES:-https://github.com/sfcred/sfcred/releases/download}

fail() {
    echo "install.sh: $*" >&2
    exit 1
}

case $version in
    *[!0-9A-Za-z.-]* | '') fail "invalid version: $version" ;;
esac

case $(sfcred --version 2>/dev/null || true) in
    "sfcred $version" | "sfcred $version ("*)
        echo "sfcred $version is already installed"
        exit 0
        ;;
esac

case $(uname -s) in
    Linux) system=unknown-linux-musl ;;
    Darwin) system=apple-darwin ;;
    *) fail "no archive for $(uname -s); with a Rust toolchain, run: cargo install --locked --git https://github.com/sfcred/sfcred --tag v$version" ;;
esac
case $(uname -m) in
    x86_64 | amd64) machine=x86_64 ;;
    aarch64 | arm64) machine=aarch64 ;;
    *) fail "no archive for $(uname -m); with a Rust toolchain, run: cargo install --locked --git https://github.com/sfcred/sfcred --tag v$version" ;;
esac

name=sfcred-$machine-$system
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for file in "$name.tar.gz" SHA256SUMS; do
    curl --fail --silent --show-error --location --retry 3 --output "$work/$file" "$releases/v$version/$file" || fail "cannot download $releases/v$version/$file"
done

expected=$(awk -v name="$name.tar.gz" '$2 == name || $2 == "*" name { print $1 }' "$work/SHA256SUMS")
if command -v sha256sum >/dev/null; then
    actual=$(sha256sum "$work/$name.tar.gz")
else
    actual=$(shasum -a 256 "$work/$name.tar.gz")
fi
[ -n "$expected" ] || fail "SHA256SUMS has no entry for $name.tar.gz"
[ "${actual%% *}" = "$expected" ] || fail "the checksum of $name.tar.gz does not match SHA256SUMS"

tar -xzf "$work/$name.tar.gz" -C "$work"
mkdir -p "$folder"
cp "$work/$name/sfcred" "$folder/sfcred"
chmod 755 "$folder/sfcred"
"$folder/sfcred" --version
