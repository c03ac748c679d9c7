# Completion of simulate in bash. It asks simulate itself what a word may be.
_simulate() {
	local rest=${COMP_LINE:0:COMP_POINT} words=() i piece trimmed line prefix c
	# Readline breaks words at characters such as = and @: put together what no blank separates.
	for ((i = 0; i <= COMP_CWORD; i++)); do
		trimmed=${rest#"${rest%%[![:space:]]*}"}
		piece=${COMP_WORDS[i]}
		((i == COMP_CWORD)) && piece=$trimmed
		if ((i == 0)) || [[ $trimmed != "$rest" ]]; then
			words+=("$piece")
		else
			words[${#words[@]} - 1]+=$piece
		fi
		rest=${trimmed#"$piece"}
	done
	# Readline replaces only what is behind the last of them; of @ it replaces that as well.
	prefix=
	for c in = : @; do
		if [[ $COMP_WORDBREAKS == *"$c"* && ${words[${#words[@]} - 1]} == *"$c"* ]]; then
			piece=${words[${#words[@]} - 1]%"$c"*}
			[[ $c == @ ]] || piece+=$c
			((${#piece} > ${#prefix})) && prefix=$piece
		fi
	done
	COMPREPLY=()
	while IFS= read -r line; do
		if [[ $line == :files ]]; then
			compopt -o default
			return
		fi
		[[ -n $line ]] || continue
		line=${line%%$'\t'*}
		COMPREPLY+=("${line#"$prefix"}")
	done <<<"$("${COMP_WORDS[0]}" __complete "${words[@]}" 2>/dev/null)"
}
complete -F _simulate simulate
