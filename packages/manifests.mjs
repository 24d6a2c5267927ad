#!/usr/bin/env node
// Writes the manifests for Homebrew, Scoop and winget into a folder, from the version and the checksums of a release:
//
//   packages/manifests.mjs FOLDER SHA256SUMS
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [folder, sums] = process.argv.slice(2);
if (!folder || !sums) {
  console.error('usage: packages/manifests.mjs FOLDER SHA256SUMS');
  process.exit(2);
}
const cargo = readFileSync(join(dirname(dirname(fileURLToPath(import.meta.url))), 'Cargo.toml'), 'utf8');
const field = (name) => cargo.match(new RegExp(`^${name} = "(.*)"$`, 'm'))[1];
const [version, description, license] = ['version', 'description', 'license'].map(field);
const home = field('repository');
const checksums = Object.fromEntries(
  readFileSync(sums, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(/\s+\*?/).reverse()),
);

/** The archive for a target, with its URL and checksum. */
function archive(target) {
  const name = `sfcred-${target}.${target.includes('windows') ? 'zip' : 'tar.gz'}`;
  if (!/^[0-9a-f]{64}$/.test(checksums[name] ?? '')) throw new Error(`${sums} has no checksum of ${name}`);
  return { url: `${home}/releases/download/v${version}/${name}`, sha256: checksums[name] };
}

function write(name, text) {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

const block = (target) => {
  const { url, sha256 } = archive(target);
  return `      url "${url}"\n      sha256 "${sha256}"`;
};
write(
  'homebrew/sfcred.rb',
  `class Sfcred < Formula
  desc "Finds out why a Salesforce credential setup does not work"
  homepage "${home}"
  version "${version}"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    on_arm do
${block('aarch64-apple-darwin')}
    end
    on_intel do
${block('x86_64-apple-darwin')}
    end
  end

  on_linux do
    on_arm do
${block('aarch64-unknown-linux-musl')}
    end
    on_intel do
${block('x86_64-unknown-linux-musl')}
    end
  end

  def install
    bin.install "sfcred"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/sfcred.bash" => "sfcred"
    zsh_completion.install "completions/_sfcred"
    fish_completion.install "completions/sfcred.fish"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/sfcred --version")
    assert_match "certificate", shell_output("#{bin}/sfcred explain certificate-mismatch")
  end
end
`,
);

const windows = archive('x86_64-pc-windows-msvc');
write(
  'scoop/sfcred.json',
  `${JSON.stringify(
    {
      version,
      description,
      homepage: home,
      license: license.replace(' OR ', '|'),
      architecture: { '64bit': { url: windows.url, hash: windows.sha256, extract_dir: 'sfcred-x86_64-pc-windows-msvc' } },
      bin: 'sfcred.exe',
      checkver: 'github',
      autoupdate: {
        architecture: { '64bit': { url: windows.url.replace(version, '$version') } },
        hash: { url: '$baseurl/SHA256SUMS' },
      },
    },
    undefined,
    4,
  )}\n`,
);

const schema = '1.9.0';
const winget = (kind, lines) =>
  write(
    `winget/sfcred.sfcred${kind === 'version' ? '' : kind === 'installer' ? '.installer' : '.locale.en-US'}.yaml`,
    `# yaml-language-server: $schema=https://aka.ms/winget-manifest.${kind}.${schema}.schema.json\n\nPackageIdentifier: sfcred.sfcred\nPackageVersion: ${version}\n${lines.join('\n')}\nManifestType: ${kind}\nManifestVersion: ${schema}\n`,
  );
winget('version', ['DefaultLocale: en-US']);
winget('installer', [
  'InstallerType: zip',
  'NestedInstallerType: portable',
  'NestedInstallerFiles:',
  '- RelativeFilePath: sfcred-x86_64-pc-windows-msvc\\sfcred.exe',
  '  PortableCommandAlias: sfcred',
  'Installers:',
  '- Architecture: x64',
  `  InstallerUrl: ${windows.url}`,
  `  InstallerSha256: ${windows.sha256.toUpperCase()}`,
]);
winget('defaultLocale', [
  'PackageLocale: en-US',
  'Publisher: the sfcred authors',
  'PackageName: sfcred',
  `PackageUrl: ${home}`,
  `License: ${license}`,
  `LicenseUrl: ${home}/blob/v${version}/LICENSE-MIT`,
  `ShortDescription: ${description}`,
  'Moniker: sfcred',
  'Tags:',
  ...JSON.parse(cargo.match(/^keywords = (\[.*\])$/m)[1]).map((word) => `- ${word}`),
]);
