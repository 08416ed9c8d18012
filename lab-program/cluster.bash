# bash completion for cluster
_cluster() {
  local commands='status start suspend stop reset delete kubeconfig open extend node logs events help' words=
  if [ "$COMP_CWORD" -eq 1 ]; then
    words=$commands
  else
    case ${COMP_WORDS[1]} in
      status) words='--wait --watch --json' ;;
      reset | delete) words='--yes' ;;
      kubeconfig) words='--outside' ;;
      extend) words='15m 30m 1h' ;;
      logs) words='--lines' ;;
      events) words='--lines --follow' ;;
      help) words=$commands ;;
      node)
        if [ "$COMP_CWORD" -eq 2 ]; then
          words='list stop start'
        else
          words=$(cluster node list 2>/dev/null | while read -r name _; do case $name in agent-*) echo "$name" ;; esac; done)
        fi
        ;;
    esac
  fi
  # shellcheck disable=SC2207 # no word has a space
  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _cluster cluster
