package replay_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/internal/replay"
)

func ExampleJudge() {
	in, err := record.NewReader(strings.NewReader(`
> GET /things HTTP/1.1
> Host: api.example
> Origin: https://app.example
> Cookie: session=1
>
< HTTP/1.1 200 OK
< Access-Control-Allow-Origin: *
<
`), record.Options{})
	if err != nil {
		panic(err)
	}
	describe := func(r *replay.Result) string {
		v := &r.Verdicts[0]
		if v.Outcome == replay.Blocked {
			return fmt.Sprintf("%s: %s: %v", r.Exchange.Request.URL, v.Outcome, v.Err)
		}
		return fmt.Sprintf("%s: %s", r.Exchange.Request.URL, v.Outcome)
	}
	for line, err := range replay.Judge(context.Background(), in, replay.Options{}, describe) {
		if err != nil {
			panic(err)
		}
		fmt.Println(line)
	}
	// Output:
	// https://api.example/things: blocked: Access-Control-Allow-Origin is "*", but credentials are included: it must name the origin https://app.example; the response has no Access-Control-Allow-Credentials header: it must be "true", as credentials are included
}
