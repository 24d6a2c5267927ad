#!/usr/bin/env bash
# The steps of action.yml. Every input comes in as a variable, so that no text of a workflow is ever run.
#
#   action.sh install      SFCRED_VERSION (may be empty)
#   action.sh lint         SFCRED_PATHS, SFCRED_FORMAT, SFCRED_SARIF_FILE, SFCRED_FAIL_ON, SFCRED_ARGS (all but the format may be empty)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

install() {
    local version=${SFCRED_VERSION:-}
    if [ -z "$version" ] && command -v sfcred >/dev/null; then
        sfcred --version
        return
    fi
    # The version of the action is that of the program.
    [ -n "$version" ] || version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$here/../Cargo.toml" | head -n 1)
    local folder=$RUNNER_TEMP/sfcred/bin
    case ${RUNNER_OS:-Linux} in
        # Windows runners have Rust; the source is that of the action.
        Windows) cargo install --locked --path "$here/.." --root "$RUNNER_TEMP/sfcred" ;;
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
    # Words between blanks; nothing is expanded.
    read -r -d '' -a extra <<<"${SFCRED_ARGS:-}" || true
    arguments+=(${extra[@]+"${extra[@]}"} --)
    # One path a line.
    while IFS= read -r path; do
        path=${path%$'\r'}
        [ -z "$path" ] || arguments+=("$path")
    done <<<"${SFCRED_PATHS:-}"
    sfcred "${arguments[@]}" || status=$?
    {
        echo "exit-status=$status"
        # Only what was written can be uploaded.
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
