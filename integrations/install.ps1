<#
.SYNOPSIS
Installs a released sfcred on Windows.

.DESCRIPTION
Downloads the archive, verifies its SHA-256 against the published checksum, and copies the program into a folder. The variable
SFCRED_RELEASES is the base URL of the archives, for mirrors. It must contain `v<VERSION>/` and `latest/`, each with the archive
and SHA256SUMS. Runs in Windows PowerShell 5.1 and in PowerShell 7.

.EXAMPLE
./install.ps1
./install.ps1 -Version 0.1.0 -Folder C:\tools
#>
param(
    [ValidatePattern('^v?[0-9A-Za-z.-]+$')]
    [string]$Version = 'latest',
    [string]$Folder = (Join-Path $env:LOCALAPPDATA 'Programs\sfcred')
)
$ErrorActionPreference = 'Stop'
# The progress bar makes downloads slow in Windows PowerShell.
$ProgressPreference = 'SilentlyContinue'
# Windows PowerShell does not offer TLS 1.2 by itself.
[Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12

$Version = $Version -replace '^v', ''
if ($Version -eq 'latest') {
    $from = if ($env:SFCRED_RELEASES) { "$env:SFCRED_RELEASES/latest" } else { 'https://github.com/sfcred/sfcred/releases/latest/download' }
} else {
    $base = if ($env:SFCRED_RELEASES) { $env:SFCRED_RELEASES } else { 'https://github.com/sfcred/sfcred/releases/download' }
    $from = "$base/v$Version"
}

# Windows on Arm runs this program, too.
$name = 'sfcred-x86_64-pc-windows-msvc'
$work = Join-Path ([IO.Path]::GetTempPath()) ([Guid]::NewGuid())
New-Item -ItemType Directory -Path $work | Out-Null
try {
    foreach ($file in 'SHA256SUMS', "$name.zip") {
        try {
            Invoke-WebRequest -UseBasicParsing -Uri "$from/$file" -OutFile (Join-Path $work $file)
        } catch {
            throw "cannot download $from/${file}: $($_.Exception.Message)"
        }
    }
    $expected = Get-Content (Join-Path $work 'SHA256SUMS') |
        ForEach-Object { , ($_ -split '\s+\*?') } |
        Where-Object { $_[1] -eq "$name.zip" } |
        ForEach-Object { $_[0] }
    if (-not $expected) { throw "SHA256SUMS has no entry for $name.zip" }
    $actual = (Get-FileHash -Algorithm SHA256 (Join-Path $work "$name.zip")).Hash
    if ($actual -ne $expected) { throw "the checksum of $name.zip does not match SHA256SUMS" }
    Expand-Archive -Path (Join-Path $work "$name.zip") -DestinationPath $work
    New-Item -ItemType Directory -Force -Path $Folder | Out-Null
    Copy-Item -Force (Join-Path $work "$name\sfcred.exe") $Folder
} finally {
    Remove-Item -Recurse -Force $work
}
$program = Join-Path $Folder 'sfcred.exe'
& $program --version
if (($env:Path -split ';') -notcontains $Folder) {
    Write-Output "installed in $Folder, which is not on the PATH; to add it for new terminals, run:"
    Write-Output "  [Environment]::SetEnvironmentVariable('Path', [Environment]::GetEnvironmentVariable('Path', 'User') + ';$Folder', 'User')"
}
