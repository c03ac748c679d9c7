# Completion of simulate in fish. It asks simulate itself what a word may be.
function __simulate_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] __complete $words "$current" 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path "$current"
            return
        end
        printf '%s\n' $line
    end
end
complete -c simulate -f -k -a '(__simulate_complete)'
