#!/bin/sh
# Installs a released sfcred: downloads the archive for this system, verifies its SHA-256 against the published checksum, and
# copies the program into a folder. Does nothing if that version is already on the PATH.
#
#   install.sh [VERSION [FOLDER]]        for example: install.sh 0.1.0 "$HOME/.local/bin"
#
# The default is the latest version, and the folder `~/.local/bin`. Needs curl or wget.
#
# SFCRED_RELEASES is the base URL of the archives, for mirrors. It must contain `v<VERSION>/sfcred-<TARGET>.tar.gz` and
# `v<VERSION>/SHA256SUMS`, and the same in `latest/` for the latest version.
set -eu

version=${1:-latest}
version=${version#v}

fail() {
    echo "install.sh: $*" >&2
    exit 1
}

[ -n "${2:-}" ] || [ -n "${HOME:-}" ] || fail "name a folder, because HOME is not set: install.sh VERSION FOLDER"
folder=${2:-$HOME/.local/bin}

case $version in
    *[!0-9A-Za-z.-]* | '') fail "invalid version: $version" ;;
    latest) from=${SFCRED_RELEASES:+$SFCRED_RELEASES/latest} from=${from:-https://github.com/sfcred/sfcred/releases/latest/download} ;;
    *) from=${SFCRED_RELEASES:-https://github.com/sfcred/sfcred/releases/download}/v$version ;;
esac

case $(sfcred --version 2>/dev/null || true) in
    "sfcred $version" | "sfcred $version ("*)
        echo "sfcred $version is already installed"
        exit 0
        ;;
esac

build="with a Rust toolchain, run: cargo install --locked --git https://github.com/sfcred/sfcred"
[ "$version" = latest ] || build="$build --tag v$version"
case $(uname -s) in
    Linux) system=unknown-linux-musl ;;
    Darwin) system=apple-darwin ;;
    MINGW* | MSYS* | CYGWIN*) fail "use install.ps1 on Windows" ;;
    *) fail "no archive for $(uname -s); $build" ;;
esac
case $(uname -m) in
    x86_64 | amd64) machine=x86_64 ;;
    aarch64 | arm64) machine=aarch64 ;;
    *) fail "no archive for $(uname -m); $build" ;;
esac

download() {
    if command -v curl >/dev/null; then
        curl --fail --silent --show-error --location --retry 3 --output "$2" "$1"
    elif command -v wget >/dev/null; then
        wget -q -O "$2" "$1"
    else
        fail "neither curl nor wget is installed"
    fi
}

name=sfcred-$machine-$system
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for file in SHA256SUMS "$name.tar.gz"; do
    download "$from/$file" "$work/$file" || fail "cannot download $from/$file"
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
# Replaced in one step, because the old program may be running.
cp "$work/$name/sfcred" "$folder/.sfcred.new"
chmod 755 "$folder/.sfcred.new"
mv -f "$folder/.sfcred.new" "$folder/sfcred"
"$folder/sfcred" --version
case ":$PATH:" in
    *":$folder:"*) ;;
    *) echo "installed in $folder, which is not on the PATH" ;;
esac
