#!/usr/bin/env bash
# Refuses private keys, key stores and `.env` files in what git tracks. Test keys are made at run
# time, so there is no list of exceptions: a key that is public is a key that somebody will trust.
set -euo pipefail

cd "$(git rev-parse --show-toplevel)"

found=0
report() {
    printf '%s: %s\n' "$1" "$2" >&2
    found=1
}

# The dashes are a repetition, so that this line is not what it looks for. `-a` reads binary files
# too: a header inside an archive or a picture is still a key.
header='-{5}BEGIN ([A-Z0-9]+ )*PRIVATE KEY( BLOCK)?-{5}'
status=0
matches=$(git grep --no-color -n -a -o -E -e "$header") || status=$?
# 1 is "nothing matched"; anything above means that git could not look, which is not a pass.
if [ "$status" -gt 1 ]; then
    echo "git grep failed with status \`$status\`" >&2
    exit 2
fi
while IFS=: read -r file line _; do
    [ -z "$file" ] || report "$file:$line" 'private key header'
done <<<"$matches"

while IFS= read -r -d '' file; do
    case "${file##*/}" in
        .env.example) ;;
        .env | .env.*) report "$file:1" 'environment file' ;;
        *.p12 | *.pfx | *.jks) report "$file:1" 'key store' ;;
    esac
done < <(git ls-files -z)

if [ "$found" -ne 0 ]; then
    echo 'remove what is named above and replace the key: the history keeps what was committed' >&2
    exit 1
fi
echo 'no private keys in tracked files'
