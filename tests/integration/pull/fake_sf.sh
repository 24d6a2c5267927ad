#!/bin/sh
# Stands in for the Salesforce CLI: prints recorded answers from the folder of this script, and writes down how it was called.
home=$(cd "$(dirname "$0")" && pwd)
printf '%s\n' "$*" >>"$home/calls"
# Each run holds a folder while it lasts, and counts those that are there.
mkdir -p "$home/running/$$"
trap 'rmdir "$home/running/$$"' EXIT
ls "$home/running" | wc -l >>"$home/at-once"
[ -f "$home/slow" ] && sleep 0.1
env | grep -E '^(SF_TEMP_SHOW_SECRETS|FORCE_COLOR|NO_COLOR)=' >>"$home/environment"
pwd >>"$home/folders"
alias='' query='' object='' out='' path='' zip=''
words="$1 $2"
while [ $# -gt 0 ]; do
    case $1 in
    --target-org) alias=$2 ;;
    --query) query=$2 ;;
    --sobject) object=$2 ;;
    --target-metadata-dir) out=$2 ;;
    --zip-file-name) zip=$2 ;;
    /services/*) path=${1##*/} ;;
    esac
    shift
done
case $words in
'org display') name=display ;;
'project retrieve') name=retrieve ;;
'sobject describe') name=describe ;;
'api request') name=connect-$path ;;
'data query')
    object=${query#* FROM }
    object=${object%% *}
    name=$object
    ;;
*) name=unknown ;;
esac
answers=$home/$alias
[ -d "$answers" ] || answers=$home/missing
[ -f "$answers/hang-$name" ] && { echo started >"$home/started"; sleep 600 & wait; }
if [ "$name" = retrieve ] && [ -f "$answers/org.zip" ] && [ ! -f "$answers/retrieve.status" ]; then
    mkdir -p "$out"
    cp "$answers/org.zip" "$out/$zip"
fi
cat "$answers/$name.json" 2>/dev/null || echo '{"status":1,"name":"INVALID_TYPE","message":"no such object in this org"}'
exit "$(cat "$answers/$name.status" 2>/dev/null || echo 0)"
