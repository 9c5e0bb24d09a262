#!/usr/bin/env bash
# Says what of an overlay is still a placeholder, and what the cluster lacks for it. Changes nothing,
# and ends with 1 when something is left to do.
#
#   k8s/check.sh [production|staging]
set -euo pipefail

readonly overlay="${1:-production}"
folder="$(cd "$(dirname "$0")" && pwd)/overlays/$overlay"
readonly folder
if [[ ! "$overlay" =~ ^[a-z]+$ || ! -d "$folder" ]]; then
  echo "usage: $0 [production|staging]" >&2
  exit 2
fi

left=0
say() {
  left=$((left + 1))
  echo "$1" >&2
  echo "  -> $2" >&2
}

manifests=$(kubectl kustomize "$folder")
all_of() { sed -n "s#^ *$1: *\"\{0,1\}\([^\"]*\)\"\{0,1\} *\$#\1#p" <<< "$manifests" | sort -u; }

if [[ "$manifests" == *"image: 000000000000.dkr."* ]]; then
  say "the image is still a placeholder" \
    "sed -i.bak 's#newName: .*#newName: <registry>/vivenu-event-monitor#' $folder/kustomization.yaml"
fi
sheet=$(all_of GOOGLE_SHEET_ID)
account=$(all_of GOOGLE_SERVICE_ACCOUNT_EMAIL)
if [[ -n "$sheet" && -z "$account" || -z "$sheet" && -n "$account" ]]; then
  say "of GOOGLE_SHEET_ID and GOOGLE_SERVICE_ACCOUNT_EMAIL one is set and one is not" \
    "set both in $folder/kustomization.yaml, or none: then no sheet is written"
fi

if [[ "$manifests" == *"monitor.example.com"* ]]; then
  say "the host is still a placeholder" \
    "sed -i.bak 's/monitor\.example\.com/<your host>/' $folder/../../components/*/ingress.yaml $folder/../../components/*/httproute.yaml"
fi

namespace=$(all_of namespace | head -n 1)
if ! kubectl get namespace kube-system --output name > /dev/null 2>&1; then
  say "kubectl does not reach the cluster" "kubectl cluster-info says why"
else
  for peer in $(all_of kubernetes.io/metadata.name); do
    kubectl get namespace "$peer" --output name > /dev/null 2>&1 ||
      say "the cluster has no namespace $peer, which the network policy lets in" \
        "put the gateway's and Prometheus' namespaces into k8s/base/networkpolicy.yaml"
  done
  if [[ "$manifests" == *"kind: ServiceMonitor"* ]]; then
    kubectl get crd servicemonitors.monitoring.coreos.com --output name > /dev/null 2>&1 ||
      say "the cluster knows no ServiceMonitor" \
        "install the Prometheus operator, or take components: out of $folder/kustomization.yaml"
  fi
  if [[ "$manifests" == *"kind: HTTPRoute"* ]]; then
    kubectl get crd httproutes.gateway.networking.k8s.io --output name > /dev/null 2>&1 ||
      say "the cluster knows no HTTPRoute" \
        "install the Gateway API with a controller, or take components/ingress in the place of components/gateway"
  fi
  kubectl --namespace "$namespace" get secret vivenu-event-monitor-credentials --output name > /dev/null 2>&1 ||
    say "the credentials are not there" \
      "kubectl create namespace $namespace; k8s/create-secret.sh $namespace"
fi

if [[ $left -gt 0 ]]; then
  echo "$left left to do" >&2
  exit 1
fi
echo "nothing is left: kubectl apply -k $folder"
