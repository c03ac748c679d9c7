#!/usr/bin/env bash
# The step of action.yml that judges a contract, or one URL. Annotations go to standard output,
# the summary to the job's page. Inputs come as variables, so that none is read as shell.
set -uo pipefail
simulate=$RUNNER_TEMP/corsim/simulate
summary=$RUNNER_TEMP/corsim/summary.md
sarif=${SARIF:-cors.sarif}
contract=${CONTRACT:-}

end() {
	[ -f "$sarif" ] || sarif=
	{ echo "status=$1"; echo "sarif=$sarif"; } >>"$GITHUB_OUTPUT"
	exit "$1"
}

rm -f "$summary"
if [ -z "$contract" ]; then
	# One URL is a contract of one promise.
	if ! [[ "${URL:-}" =~ ^(https?://[^/?#[:space:]]+)([^#[:space:]]*)$ ]] || ! [[ "${ORIGIN:-}" =~ ^[^#[:space:]]+$ ]]; then
		echo "::error title=CORS contract::give contract, or url (without a fragment) and origin"
		end 2
	fi
	contract=$RUNNER_TEMP/corsim/url.contract
	[[ $URL =~ ^(https?://[^/?#]+)(.*)$ ]]
	path=${BASH_REMATCH[2]}
	[[ $path == /* ]] || path=/$path
	printf 'base %s\npage %s\n  allow GET %s\n' "${BASH_REMATCH[1]}" "$ORIGIN" "$path" >"$contract"
fi
arguments=()
while IFS= read -r line; do
	[ -z "$line" ] || arguments+=("$line")
done <<<"${ARGUMENTS:-}"
[ -z "${BASE:-}" ] || arguments+=(--base "$BASE")
"$simulate" test --github --markdown "$summary" --sarif "$sarif" "${arguments[@]}" -- "$contract"
status=$?
[ ! -f "$summary" ] || cat "$summary" >>"$GITHUB_STEP_SUMMARY"
end "$status"
