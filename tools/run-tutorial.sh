#!/usr/bin/env bash
# Runs the commands of docs/tutorial.md as they stand there, in their order, and checks what the service at its end answers. Blocks marked
# sh are commands; those marked sh background run beside the ones after them. Needs curl.
set -euo pipefail
cd "$(dirname "$0")/.."
for made in photos photos.png runs/tutorial; do
  [ ! -e "$made" ] || { echo "there is $made already, which the tutorial makes: move it away" >&2; exit 1; }
done
log=$(mktemp)
end() {
  [ -z "${service:-}" ] || kill -- "-$service" 2>/dev/null || true
  rm -rf "$log" "$log".* artifacts/packages artifacts/tool photos photos.png runs/tutorial*
}
trap end EXIT
rm -rf artifacts/packages artifacts/tool

# One command a line: "run COMMAND" or "background COMMAND".
commands=$(awk '/^```sh background$/ { kind = "background"; next } /^```sh$/ { kind = "run"; next } /^```/ { kind = ""; next }
  kind { print kind, $0 }' docs/tutorial.md)
while read -r kind command <&3; do
  echo "\$ $command"
  if [ "$kind" = background ]; then
    # Without the program that starts it, so that it can be ended.
    set -m; bash -c "exec $command" > "$log.service" 2>&1 & service=$!; set +m
    for _ in $(seq 120); do
      { curl -sf http://localhost:5080/health > "$log.health" || ! kill -0 "$service" 2> /dev/null; } && break
      sleep 1
    done
    cat "$log.service"
  else
    started=$SECONDS
    # Here and in no pipe, because one of them sets a path.
    eval "$command" > "$log.last" 2>&1 || { cat "$log.last"; exit 1; }
    cat "$log.last"
    cat "$log.last" >> "$log"
    echo "($((SECONDS - started)) s)"
  fi
done 3<<< "$commands"

grep -q '"label":"ball"' "$log" && grep -q '"label":"box"' "$log" || { echo "the service did not recognise both pictures" >&2; exit 1; }
test -s runs/tutorial-winner/report.html && test -s runs/tutorial.html && test -s photos.png
