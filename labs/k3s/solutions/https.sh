#!/bin/sh
# Solves the exercise ~/https from a fresh home to trusted certificates, and checks each step as its reader would. From outside:
#
#   ssh alice@lab.example.org bash -s < labs/k3s/solutions/https.sh
#
# It may be run again. Exit status 0: all of it holds.
set -eu
cd ~/https

# Seconds that anything here may take; the authority is asked over the network.
PATIENCE=${PATIENCE:-120}

say() { printf '%s\n' "== $*"; }

# until_true WHAT COMMAND...: tries it each second.
until_true() {
  what=$1
  shift
  deadline=$(($(date +%s) + PATIENCE))
  until "$@"; do
    if [ "$(date +%s)" -ge "$deadline" ]; then
      echo "not within $PATIENCE s: $what" >&2
      kubectl -n kube-system logs deployment/traefik --tail=20 >&2 || true
      exit 1
    fi
    sleep 1
  done
  say "$what"
}

for_my_host() { sed -e "s/LAB_HOST/$LAB_HOST/" "$1" | kubectl apply -f -; }

# ask URL-SCHEME HOST [CURL-OPTION...]: asks the cluster itself, as the exercise does; curl trusts what the machine trusts.
ask() {
  scheme=$1 host=$2
  shift 2
  port=443
  [ "$scheme" = https ] || port=80
  curl --silent --show-error --max-time 10 --resolve "$host:$port:$node" "$@" "$scheme://$host/"
}

answers() { ask "$@" 2>/dev/null | grep -q '^Hostname:'; }

redirects() { [ "$(ask http "$LAB_HOST" -o /dev/null -w '%{redirect_url}' 2>/dev/null)" = "$LAB_HTTPS_URL/" ]; }

cluster status --wait >/dev/null
node=$(kubectl get nodes -o jsonpath='{.items[0].status.addresses[0].address}')

# What was there before has the same rule, and either may answer then.
kubectl delete --ignore-not-found ingress whoami
kubectl apply -f ../first-app/deployment.yaml -f ../first-app/service.yaml
kubectl rollout status deployment/whoami --timeout="${PATIENCE}s"
for_my_host http.yaml
# `apply` leaves the redirect that an earlier run added.
kubectl annotate ingress whoami-http traefik.ingress.kubernetes.io/router.middlewares-
until_true "http://$LAB_HOST answers" answers http "$LAB_HOST"

for_my_host https.yaml
until_true "https://$LAB_HOST is trusted (HTTP-01)" answers https "$LAB_HOST"

for_my_host second-name.yaml
until_true "https://app.$LAB_HOST is trusted (TLS-ALPN-01)" answers https "app.$LAB_HOST"

sed -e "s|LAB_HTTPS_URL|$LAB_HTTPS_URL|" redirect.yaml | kubectl apply -f -
kubectl annotate --overwrite ingress whoami-http \
  traefik.ingress.kubernetes.io/router.middlewares=default-to-https@kubernetescrd
until_true "http://$LAB_HOST sends everybody to HTTPS" redirects
