#!/bin/sh
# Stands in for `ledgerd dev --listen ADDRESS --data FOLDER`; the folder's name says how it behaves.
case "$5" in
    *good) trap 'exit 0' TERM ;;
    *bad-stop) trap 'exit 3' TERM ;;
    *bad-start) exit 7 ;;
esac
echo "data in $5"
echo "ready 127.0.0.1:4433"
while :; do sleep 0.05; done
