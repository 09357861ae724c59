#!/bin/sh
# Stands in for `ledgerd dev --listen ADDRESS --data FOLDER --keys FOLDER`; a file in the data
# folder says how it behaves.
behaviour=$(cat "$5/behaviour")
case "$behaviour" in
    good) trap 'exit 0' TERM ;;
    bad-stop) trap 'echo "disk is on fire" >&2; exit 3' TERM ;;
    bad-start) echo "no such luck" >&2; exit 7 ;;
esac
echo "some words before"
echo "ledgerd ready address=127.0.0.1:4433 profiles=$7"
while :; do sleep 0.05; done
