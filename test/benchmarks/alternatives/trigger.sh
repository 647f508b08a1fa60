#!/bin/sh
# What people write for adnanh/webhook: asks the hub for a build of the tag.
curl -s -S -f -o /dev/null -H 'content-type: application/json' -d "{\"docker_tag\":\"$2\"}" "$1/curl/" && echo '{"outcome":"advanced"}'
