#!/usr/bin/env bash
# Asks for every credential of the service and puts them into the Secret
# `vivenu-event-monitor-credentials`. Nothing typed is shown, printed, written to a file or handed to
# a process as an argument or in its environment: kubectl reads it from standard input.
#
#   k8s/create-secret.sh [namespace [region ...]]
#
# Without a namespace it asks for one on a terminal; elsewhere, and for an empty answer, it is
# `public-sites`.
# Run it again to change something: what is left empty stays as it is. Regions beyond those of HYROX
# also need their lines in k8s/base/deployment.yaml and cronjob.yaml.
set -euo pipefail
set +x

readonly name="vivenu-event-monitor-credentials"
readonly hyrox="dach france italy benelux switzerland usa canada australia norway"

readonly usual="public-sites"

namespace="${1:-}"
if (( $# == 0 )); then
  [[ ! -t 0 ]] || IFS= read -r -p "Namespace (empty: $usual): " namespace || true
  namespace="${namespace:-$usual}"
fi
if [[ ! "$namespace" =~ ^[a-z0-9]([-a-z0-9]*[a-z0-9])?$ ]]; then
  echo "usage: $0 [namespace [region ...]]" >&2
  exit 2
fi
(( $# == 0 )) || shift
# A region is written here as the pods' entries are: SOUTH_AFRICA of /status is south-africa.
read -r -a regions <<< "$(printf '%s' "${*:-$hyrox}" | tr 'A-Z_' 'a-z-')"

# A cluster that cannot be reached, or a namespace that is not there, is no missing secret.
found=$(kubectl --namespace "$namespace" get secret "$name" --ignore-not-found --output name)
kubectl get namespace "$namespace" --output name > /dev/null

entries=""

# An entry is JSON made by the shell alone: base64 needs no escaping, and printf is no process.
add() {
  local encoded
  encoded=$(printf '%s' "$2" | base64 | tr -d '\n')
  entries+="${entries:+,}\"$1\":\"$encoded\""
}

# ask <key> <what it is> [pattern] [what to do when it does not fit]
ask() {
  local key="$1" what="$2" pattern="${3:-}" hint="${4:-}" value=""
  while true; do
    IFS= read -r -s -p "$what: " value || true
    echo >&2
    [[ -z "$value" ]] && return
    if [[ -n "$pattern" && ! "$value" =~ $pattern ]]; then
      echo "  That does not look right: $hint" >&2
      continue
    fi
    add "$key" "$value"
    return
  done
}

# The key file that Google hands out holds the key with \n as text, which is what the service reads.
ask_google_key() {
  local file="" key
  IFS= read -r -p "Google service account's key file (JSON; empty: no sheet): " file || true
  echo >&2
  [[ -z "$file" ]] && return
  key=$(sed -n 's/.*"private_key": *"\([^"]*\)".*/\1/p' "$file")
  if [[ -z "$key" ]]; then
    echo "There is no private_key in $file." >&2
    exit 1
  fi
  add google-private-key "$key"
}

left="not set"
[[ -n "$found" ]] && left="as it is"
echo "Secret $name in namespace $namespace. What you type is not shown; what is left empty stays $left." >&2
ask database-url "PostgreSQL's address (postgres://...)" '^postgres(ql)?://' "it begins with postgres://"
ask backend-api-key "Key for callers of the API (openssl rand -hex 24)" '^.{16,}$' "16 characters at least"
ask flowcore-api-key "Flowcore API key" '^fc_[^_]+_[^_]+$' "it has the form fc_<id>_<secret>"
ask_google_key
# Several keys, while one is being rotated.
readonly signing='^ *[^, ].{14,}[^, ]( *, *[^, ].{14,}[^, ])* *$' signing_hint="16 characters at least"
for region in "${regions[@]}"; do
  ask "$region-api" "$region: Vivenu API key"
  ask "$region-webhook-secret" "$region: the webhook listener's HMAC key (openssl rand -hex 32)" "$signing" "$signing_hint"
done
ask vivenu-secret "HMAC key of the accounts that have none of their own" "$signing" "$signing_hint"

# It has many lines, so it is a file.
ask_notifications() {
  local file=""
  IFS= read -r -p "File that says who is told what (docs/notifications.md; empty: nobody): " file || true
  echo >&2
  [[ -z "$file" ]] && return
  add notifications "$(< "$file")"
}
ask_notifications

if [[ -z "$entries" ]]; then
  echo "Nothing to change." >&2
  exit 0
fi

if [[ -n "$found" ]]; then
  printf '{"data":{%s}}' "$entries" |
    kubectl --namespace "$namespace" patch secret "$name" --type merge --patch-file /dev/stdin
  echo "Pods read it when they start: kubectl --namespace $namespace rollout restart deployment --selector app.kubernetes.io/name=vivenu-event-monitor" >&2
else
  # Not `apply`: it would keep a copy of the values in an annotation.
  printf '{"apiVersion":"v1","kind":"Secret","type":"Opaque","metadata":{"name":"%s"},"data":{%s}}' "$name" "$entries" |
    kubectl --namespace "$namespace" create --filename -
  for key in database-url backend-api-key flowcore-api-key; do
    [[ "$entries" == *"\"$key\":"* ]] ||
      echo "Without $key no pod starts: run this again." >&2
  done
fi
