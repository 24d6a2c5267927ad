#!/usr/bin/env bash
# Creates the skeleton of a rule: its page, its check, its cases, and its line in src/check.rs.
#
#   tools/new_rule.sh CATEGORY NAME      for example: tools/new_rule.sh claims audience-has-port
#
# Fill in what is marked with TODO, then run `UPDATE=1 cargo test` and review the diff.
set -euo pipefail
cd "$(dirname "$0")/.."

category=${1:?"a category, one of those in src/check.rs"} name=${2:?"a name, such as audience-has-port"}
module=${name//-/_}
page=rules/$name.md check=src/check/$category/$module.rs cases=fixtures/rules/$name.md

if ! [[ $name =~ ^[a-z0-9]+(-[a-z0-9]+)*$ ]]; then
    echo "a name consists of lowercase words and hyphens: $name" >&2
    exit 2
fi
if ! grep -q "^    $category \"" src/check.rs; then
    echo "unknown category $category; src/check.rs has:" $(sed -n 's/^    \([a-z]*\) ".*": .*{$/\1/p' src/check.rs) >&2
    exit 2
fi
command -v python3 >/dev/null || { echo "this script needs python3" >&2; exit 2; }
for file in "$page" "$check" "$cases"; do
    if [ -e "$file" ]; then
        echo "$file exists" >&2
        exit 2
    fi
done
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)

cat >"$page" <<MD
# $name

\`\`\`toml
severity = "warning"
since = "$version"
category = "$category"
# step = "external-credential"   the step of trace that fails, see CONTRIBUTING.md; omit if no callout fails
references = [
  "https://TODO",
]
\`\`\`

TODO: one or two sentences that say what is wrong.

## Why it matters

TODO: what Salesforce does, and what the user sees.

## How to fix it

TODO: the steps in Setup, and the element in the metadata.
MD

cat >"$check" <<RS
//! TODO: what the rule reports, in one sentence.

use crate::finding::Findings;
use crate::model::Workspace;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    // TODO: for each component that is wrong:
    // found.report(&component, &place, "what is wrong, with the \`value\`").label("the place").help("what to do");
    let _ = (workspace, found);
}
RS

cat >"$cases" <<MD
# $name

\`\`\`toml
base = "connected-app"
\`\`\`

## bad: TODO, what is wrong

TODO: a path in backticks and a \`\`\`diff block, see fixtures/README.md

## good
MD

# The line goes to its place in the alphabetical list of its category.
python3 - "$category" "$name" "$module" <<'PY'
import pathlib, re, sys

category, name, module = sys.argv[1:]
path = pathlib.Path("src/check.rs")
text = path.read_text()
head, block, tail = re.match(rf'(.*\n    {category} "[^\n]*\{{\n)(.*?)(    \}}\n.*)', text, re.S).groups()
lines = sorted(block.splitlines(keepends=True) + [f'        "{name}" => {module},\n'])
path.write_text(head + "".join(lines) + tail)
PY

printf '%s\n' "$page" "$check" "$cases" "src/check.rs"
