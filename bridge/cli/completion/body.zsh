# $1: heading; $2: lines of word TAB explanation; the rest: options of compadd.
_photo_bridge_offer_lines() {
  local line
  local -a found
  for line in "${(@f)2}"; do
    [[ -n $line ]] || continue
    found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
  done
  (( ${#found} )) && _describe -V "$1" found "${@[3,-1]}"
}

# $1: kind of value; the rest: the command that tells the names.
_photo_bridge_offer_value() {
  local kind=$1 lines
  shift
  case $kind in
    (choice\ *) compadd -- ${(s: :)kind#choice } ;;
    (live\ *)
      lines="$("$@" 2>/dev/null)"
      if [[ $kind == 'live setting-assignments' ]]; then
        _photo_bridge_offer_lines "${kind#live }" "$lines" -S ''
      else
        _photo_bridge_offer_lines "${kind#live }" "$lines"
      fi
      # A preset may be a file, too.
      [[ $kind != 'live presets' ]] || _files -g '*.(json|xmp|lrtemplate)'
      ;;
    (files) _files ;;
    (folders) _files -/ ;;
  esac
}

_photo_bridge() {
  local REPLY word current command_path='' option='' only_words=''
  local -i place=0 i
  for ((i = 2; i < CURRENT; i++)); do
    word=${(Q)words[i]}
    if [[ -n $option ]]; then option=''; continue; fi
    case "$only_words$word" in
      (--) only_words=' ' ;;
      (-*=*) ;;
      (-*) if _photo_bridge_value "$command_path" "$word"; then option=$word; fi ;;
      (*)
        if (( place == 0 )) && _photo_bridge_commands "$command_path" && [[ $'\n'$REPLY == *$'\n'"$word"$'\t'* ]]; then
          command_path="${command_path:+$command_path }$word"
        else
          (( place += 1 ))
        fi
        ;;
    esac
  done

  current=${words[CURRENT]}
  if [[ -z $option$only_words && $current == -*=* ]]; then
    option=${current%%=*}
    _photo_bridge_value "$command_path" "$option" || return
    compset -P '*='
  fi
  # Names come from the daemon that the line is about.
  local -a rest
  rest=("${(@Q)words[2,CURRENT]}")
  if [[ -n $option ]]; then
    _photo_bridge_value "$command_path" "$option"
    _photo_bridge_offer_value "$REPLY" "${(Q)words[1]}" complete "${REPLY#live }" "${rest[@]}"
    return
  fi
  if [[ -z $only_words && $current == -* ]]; then
    _photo_bridge_options "$command_path" && _photo_bridge_offer_lines options "$REPLY"
    return
  fi
  if (( place == 0 )) && _photo_bridge_commands "$command_path"; then _photo_bridge_offer_lines commands "$REPLY"; fi
  if _photo_bridge_argument "$command_path" "$place"; then
    _photo_bridge_offer_value "$REPLY" "${(Q)words[1]}" complete "${REPLY#live }" "${rest[@]}"
  fi
}

if [ "$funcstack[1]" = _photo_bridge ]; then
  _photo_bridge "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
  compdef _photo_bridge photo-bridge
fi
