# Offers a word if it begins with what is there already. Quotes it as far as that is needed.
_photo_bridge_offer() {
  case "$1" in "$_pb_want"*) ;; *) return ;; esac
  local word=${1#"$_pb_cut"}
  [ -n "$_pb_quote" ] || printf -v word '%q' "$word"
  COMPREPLY+=("$word")
}

_photo_bridge_offer_lines() {
  local line
  while IFS= read -r line; do
    [ -z "$line" ] || _photo_bridge_offer "${line%%$'\t'*}"
  done <<< "$1"
}

# $1: kind of value; the rest: all words of the line.
_photo_bridge_offer_value() {
  local kind=$1 word
  shift
  case "$kind" in
    choice\ *) for word in ${kind#choice }; do _photo_bridge_offer "$word"; done ;;
    live\ *)
      [ "$kind" != 'live setting-assignments' ] || compopt -o nospace 2>/dev/null
      _photo_bridge_offer_lines "$("$@" 2>/dev/null)"
      # A preset may be a file, too.
      [ "$kind" != 'live presets' ] || [ ${#COMPREPLY[@]} -gt 0 ] || _photo_bridge_offer_paths -f
      ;;
    files) _photo_bridge_offer_paths -f ;;
    folders) _photo_bridge_offer_paths -d ;;
  esac
}

_photo_bridge_offer_paths() {
  local path
  compopt -o filenames 2>/dev/null
  while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen "$1" -- "$_pb_want")
}

_photo_bridge() {
  local IFS=$' \t\n' REPLY word path='' place=0 option='' only_words='' last=''
  local _pb_want='' _pb_cut='' _pb_quote='' i
  local -a words
  words=()
  # Readline takes a word apart at = and :, as in --preset=x and 14:30.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if ((i > 1)) && { [[ $word == [=:]* ]] || [[ $last == *[=:] && $last != "$word" ]]; }; then
      words[${#words[@]} - 1]+=$word
    else
      words+=("$word")
    fi
    last=$word
  done
  COMPREPLY=()

  local current=${words[${#words[@]} - 1]}
  for ((i = 1; i < ${#words[@]} - 1; i++)); do
    word=${words[i]}
    if [ -n "$option" ]; then option=''; continue; fi
    case "$only_words$word" in
      --) only_words=' ' ;;
      -*=*) ;;
      -*) if _photo_bridge_value "$path" "$word"; then option=$word; fi ;;
      *)
        if [ "$place" = 0 ] && _photo_bridge_commands "$path" && [[ $'\n'$REPLY == *$'\n'"$word"$'\t'* ]]; then
          path="${path:+$path }$word"
        else
          place=$((place + 1))
        fi
        ;;
    esac
  done

  _pb_want=$current
  if [ -z "$option$only_words" ] && [[ $current == -*=* ]]; then
    option=${current%%=*}
    _pb_want=${current#*=}
    _photo_bridge_value "$path" "$option" || return
  fi
  # What readline keeps of the line by itself, up to the last = or :.
  case "$_pb_want" in
    \"*|\'*) _pb_quote=${_pb_want:0:1}; _pb_want=${_pb_want:1} ;;
    *) _pb_want=${_pb_want//\\/} ;;
  esac
  if [ -z "$_pb_quote" ] && [[ $_pb_want == *[=:]* ]]; then _pb_cut=${_pb_want%"${_pb_want##*[=:]}"}; fi

  # Names come from the daemon that the line is about.
  if [ -n "$option" ]; then
    _photo_bridge_value "$path" "$option"
    _photo_bridge_offer_value "$REPLY" "${words[0]}" complete "${REPLY#live }" "${words[@]:1}"
    return
  fi
  if [ -z "$only_words" ] && [[ $current == -* ]]; then
    _photo_bridge_options "$path" && _photo_bridge_offer_lines "$REPLY"
    return
  fi
  if [ "$place" = 0 ] && _photo_bridge_commands "$path"; then _photo_bridge_offer_lines "$REPLY"; fi
  if _photo_bridge_argument "$path" "$place"; then
    _photo_bridge_offer_value "$REPLY" "${words[0]}" complete "${REPLY#live }" "${words[@]:1}"
  fi
}

complete -F _photo_bridge photo-bridge
