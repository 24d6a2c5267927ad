#!/usr/bin/env bash
# Fills fuzz/corpus from the fixtures and the inputs that once failed. Small files only: a fuzzer is slow with large ones.
set -euo pipefail
cd "$(dirname "$0")"
fixtures=$(mktemp -d)
trap 'rm -rf "$fixtures"' EXIT
(cd .. && cargo run --quiet --example case -- --all "$fixtures")

fill() { # target, names of files
  local target=$1; shift
  mkdir -p "corpus/$target"
  find "$fixtures" -type f -size -6k "$@" -print0 | while IFS= read -r -d '' file; do
    cp "$file" "corpus/$target/$(sha1sum < "$file" | cut -c1-16)"
  done
}

fill xml -name '*.xml' ! -name package.xml
fill description -name 'sfcred.y*ml'
fill settings -name sfcred.toml
fill certificate \( -name '*.crt' -o -name '*.jks' -o -name '*.key' \)
fill apex \( -name '*.cls' -o -name '*.trigger' \)

mkdir -p corpus/allows corpus/mutated corpus/project corpus/repository corpus/zip
grep -rhoE 'sfcred: *allow.*' "$fixtures" --include='*.xml' --include='*.cls' --include='*.yaml' | sort -u | while IFS= read -r line; do
  printf '%s' "${line#sfcred: }" > "corpus/allows/$(printf '%s' "$line" | sha1sum | cut -c1-16)"
done

for folder in "$fixtures"/*/bad*/; do
  seed="corpus/project/$(basename "$(dirname "$folder")")-$(basename "$folder")"
  [ "$(find "$folder" -type f -printf '%s\n' | awk '{ all += $1 } END { print all + 0 }')" -le 12000 ] || continue
  (cd "$folder" && find . -type f -printf '%P\n' | sort | while IFS= read -r file; do
    printf '==> %s <==\n' "$file"
    cat "$file"
    echo
  done) > "$seed"
  (cat "$seed"; printf '==> changes <==\n'; sha512sum < "$seed" | head -c 48) > "corpus/mutated/$(basename "$seed")"
  (cat "$seed"; printf '==> L.namedCredential-meta.xml -> OUTSIDE/X.namedCredential-meta.xml <==\n==> linked -> OUTSIDE <==\n'
    printf '==> .git/HEAD <==\nref: refs/heads/main\n==> .git/config <==\n[core]\n\tfsmonitor = OUTSIDE/program\n') > "corpus/repository/$(basename "$seed")"
done

python3 - "$fixtures" <<'PYTHON'
import io, pathlib, sys, zipfile
for number, folder in enumerate(sorted(pathlib.Path(sys.argv[1]).glob("*/bad"))[::8]):
    files = [file for file in folder.rglob("*") if file.is_file() and file.stat().st_size < 3000][:4]
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED if number % 2 else zipfile.ZIP_STORED) as archive:
        for file in files:
            archive.write(file, file.name)
    pathlib.Path(f"corpus/zip/{number}").write_bytes(held.getvalue())
PYTHON

mkdir -p corpus/log
for file in answers harmless; do
  csplit --quiet --elide-empty-files --digits 4 --prefix "corpus/log/$file-" "../tests/diagnose/$file.txt" '/^-- /' '{*}'
done

for folder in regressions/*/; do
  mkdir -p "corpus/$(basename "$folder")"
  cp "$folder"* "corpus/$(basename "$folder")/"
done
wc -l < <(find corpus -type f)
