#!/usr/bin/env bash
# The steps of action.yml. Every input is passed as an environment variable, so that no input is ever part of a script.
#
#   action.sh install      SFCRED_VERSION (may be empty)
#   action.sh lint         SFCRED_PATHS, SFCRED_FORMAT, SFCRED_SARIF_FILE, SFCRED_FAIL_ON, SFCRED_ARGS (may be empty, except the format)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

install() {
    local version=${SFCRED_VERSION:-}
    if [ -z "$version" ] && command -v sfcred >/dev/null; then
        sfcred --version
        return
    fi
    # The action and the program have the same version.
    [ -n "$version" ] || version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$here/../Cargo.toml" | head -n 1)
    local folder=$RUNNER_TEMP/sfcred/bin
    case ${RUNNER_OS:-Linux} in
        Windows) pwsh -NoProfile -File "$here/install.ps1" -Version "${version#v}" -Folder "$folder" ;;
        *) "$here/install.sh" "${version#v}" "$folder" ;;
    esac
    echo "$folder" >>"$GITHUB_PATH"
}

lint() {
    local arguments=(lint -o "${SFCRED_FORMAT:-github}") extra=() path status=0
    if [ -n "${SFCRED_SARIF_FILE:-}" ]; then
        arguments+=(-o "sarif=$SFCRED_SARIF_FILE")
    fi
    if [ -n "${SFCRED_FAIL_ON:-}" ]; then
        arguments+=(--fail-on "$SFCRED_FAIL_ON")
    fi
    # Split at whitespace, without any expansion.
    read -r -d '' -a extra <<<"${SFCRED_ARGS:-}" || true
    arguments+=(${extra[@]+"${extra[@]}"} --)
    # One path per line.
    while IFS= read -r path; do
        path=${path%$'\r'}
        [ -z "$path" ] || arguments+=("$path")
    done <<<"${SFCRED_PATHS:-}"
    sfcred "${arguments[@]}" || status=$?
    {
        echo "exit-status=$status"
        # Only a file that exists can be uploaded.
        [ -z "${SFCRED_SARIF_FILE:-}" ] || [ ! -f "$SFCRED_SARIF_FILE" ] || echo "sarif-file=${SFCRED_SARIF_FILE//[$'\r\n']/}"
    } >>"$GITHUB_OUTPUT"
    return "$status"
}

case ${1:-} in
    install) install ;;
    lint) lint ;;
    *)
        echo "usage: action.sh install|lint" >&2
        exit 2
        ;;
esac
