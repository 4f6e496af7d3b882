#!/bin/sh
# A build of partitura with a bug of its own.
echo "a panic of mine" >&2
exit 101
