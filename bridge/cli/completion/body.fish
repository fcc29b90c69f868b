# Where in the line one is: the command, how many arguments it has, the option that waits for its value.
function __photo_bridge_place
    set -g __pb_path ''
    set -g __pb_place 0
    set -g __pb_option ''
    set -g __pb_only_words ''
    set -l tokens (commandline -opc)
    for token in $tokens[2..-1]
        if test -n "$__pb_option"
            set __pb_option ''
            continue
        end
        switch "$__pb_only_words$token"
            case --
                set __pb_only_words ' '
            case '-*=*'
            case '-*'
                if test -n (__photo_bridge_value "$__pb_path" "$token" | string collect --allow-empty)
                    set __pb_option $token
                end
            case '*'
                set -l below (__photo_bridge_commands "$__pb_path" | string replace -r '\t.*' '')
                if test $__pb_place -eq 0; and contains -- "$token" $below
                    set __pb_path (string trim -- "$__pb_path $token")
                else
                    set __pb_place (math $__pb_place + 1)
                end
        end
    end
end

# $argv[1]: kind of value.
function __photo_bridge_offer_value
    switch $argv[1]
        case 'choice *'
            string split ' ' -- (string replace 'choice ' '' -- $argv[1])
        case 'live *'
            set -l tokens (commandline -opc) (commandline -ct)
            $tokens[1] complete (string replace 'live ' '' -- $argv[1]) $tokens[2..-1] 2>/dev/null
            # A preset may be a file, too.
            if test $argv[1] = 'live presets'
                __fish_complete_path (__photo_bridge_current)
            end
        case files
            __fish_complete_path (__photo_bridge_current)
        case folders
            __fish_complete_directories (__photo_bridge_current)
    end
end

function __photo_bridge_current
    string replace -r '^-[^=]*=' '' -- (commandline -ct)
end

function __photo_bridge_complete
    __photo_bridge_place
    set -l current (commandline -ct)
    if test -n "$__pb_option"
        __photo_bridge_offer_value (__photo_bridge_value "$__pb_path" "$__pb_option")
        return
    end
    if test -z "$__pb_only_words"
        switch "$current"
            case '-*=*'
                set -l option (string replace -r '=.*' '' -- $current)
                set -l kind (__photo_bridge_value "$__pb_path" "$option")
                if test -n "$kind"
                    for offer in (__photo_bridge_offer_value $kind)
                        echo "$option=$offer"
                    end
                end
                return
            case '-*'
                __photo_bridge_options "$__pb_path"
                return
        end
    end
    if test $__pb_place -eq 0
        __photo_bridge_commands "$__pb_path"
    end
    set -l kind (__photo_bridge_argument "$__pb_path" $__pb_place)
    if test -n "$kind"
        __photo_bridge_offer_value $kind
    end
end

complete -c photo-bridge -e
complete -c photo-bridge -f -a '(__photo_bridge_complete)'
