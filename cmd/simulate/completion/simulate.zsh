#compdef simulate
# Completion of simulate in zsh. It asks simulate itself what a word may be.
_simulate() {
	local line value
	local -a candidates
	for line in "${(@f)$("${words[1]}" __complete "${(@Q)words[1,CURRENT]}" 2>/dev/null)}"; do
		case $line in
		'') ;;
		:files)
			_files
			return
			;;
		*)
			value=${line%%$'\t'*}
			if [[ $line == *$'\t'* ]]; then
				candidates+=("${value//:/\\:}:${line#*$'\t'}")
			else
				candidates+=("${value//:/\\:}")
			fi
			;;
		esac
	done
	(( $#candidates )) && _describe -V simulate candidates
}
if [[ $funcstack[1] == _simulate ]]; then
	_simulate "$@" # installed as a file of $fpath
else
	compdef _simulate simulate
fi
