package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/internal/redact"
	"github.com/corsim/corsim/internal/replay"
	"github.com/corsim/corsim/internal/replay/report"
)

var costCommand = &command{
	name: "cost", summary: "count the preflights, and what a better max-age saves",
	arguments: "[flags] FILE|-|--requests N",
	help: `Says how many preflights each browser sends for the requests of a recording, by
simulating its preflight cache over the recording's clock, and how many it would
send if the answers had a better Access-Control-Max-Age, and how long requests wait
for them, by the mean of the recorded preflights. Where no answer is recorded, it is taken to permit what is asked, as long
as the server's other answers do, or else for the standard's five seconds.

Without a recording, --requests and the flags below it describe a load: how many
requests that need a preflight a user's page makes a minute, in turn for so many
URLs. Each URL has a preflight of its own, whatever the max-age.

With --json each browser is an object on a line of its own: v (1), browser, maxAge
(the better one, in seconds, as the browser takes it), requests (that need a
preflight), sent (preflights), better (sent with the better max-age), seconds and
betterSeconds (how long requests wait for them; left out where no preflight tells),
and servers, those with preflights to be saved, the most first: origin, maxAge (as
answered; left out for no answer), sent, better.`,
	examples: `  simulate cost customer.har
  simulate cost --better 600 customer.har
  simulate cost --requests 30 --urls 12 --session 8h --users 2000 --round-trip 80ms`,
	define: func(f *flagSet) func(context.Context, *streams, []string) (int, error) {
		c := &costRun{flags: f, load: replay.Load{URLs: 1, Session: time.Hour, Users: 1, MaxAge: -1, RoundTrip: 100 * time.Millisecond}}
		defineBrowsers(f, &c.engines)
		c.engines = []*browser.Engine{browser.Chromium(), browser.Firefox(), browser.WebKit()}
		seconds := func(to *time.Duration) func(string) error {
			return func(value string) error {
				n, err := strconv.ParseUint(value, 10, 31)
				*to = time.Duration(n) * time.Second
				if err != nil {
					err = fmt.Errorf("%q is no number of seconds", value)
				}
				return err
			}
		}
		f.define(0, "better", "SECONDS", "the better max-age (as long as the browser keeps one)", seconds(&c.better))
		f.yes(&c.json, 0, "json", "one JSON object a line")
		f.define(0, "requests", "N", "of a load: a minute, of one user", func(value string) error {
			n, err := strconv.ParseFloat(value, 64)
			if c.load.Requests = n; err != nil || !(n > 0 && n <= 1e6) {
				return fmt.Errorf("%q is no number of requests a minute", value)
			}
			return nil
		})
		count := func(to *int) func(string) error {
			return func(value string) error {
				n, err := strconv.Atoi(value)
				if *to = n; err != nil || n < 1 || n > 1e9 {
					return fmt.Errorf("%q is no number from 1 to 1000000000", value)
				}
				return nil
			}
		}
		f.define(0, "urls", "N", "that they are for (1)", count(&c.load.URLs))
		duration := func(to *time.Duration) func(string) error {
			return func(value string) error {
				d, err := time.ParseDuration(value)
				if *to = d; err != nil || d < 0 || d > 1000*time.Hour {
					return fmt.Errorf("%q is no time such as 90s, 80ms, 8h", value)
				}
				return nil
			}
		}
		f.define(0, "session", "TIME", "how long a page stays open (1h)", duration(&c.load.Session))
		f.define(0, "users", "N", "(1)", count(&c.load.Users))
		f.define(0, "max-age", "SECONDS", "that the server answers now (none, so 5)", seconds(&c.load.MaxAge))
		f.define(0, "round-trip", "TIME", "how long a preflight takes (100ms)", duration(&c.load.RoundTrip))
		return c.run
	},
}

// costRun is a count of preflights.
type costRun struct {
	flags   *flagSet
	engines []*browser.Engine
	better  time.Duration
	load    replay.Load
	json    bool
}

func (c *costRun) run(ctx context.Context, std *streams, args []string) (int, error) {
	if c.load.Requests > 0 {
		if len(args) > 0 {
			return exitUsage, errors.New("--requests describes a load, and a file is given as well")
		}
		var costs []replay.Cost
		for _, e := range c.engines {
			costs = append(costs, c.load.Cost(e, c.better))
		}
		return exitAllowed, c.print(std, costs, nil)
	}
	if flag := c.flags.except("browser", "better", "json"); flag != "" {
		return exitUsage, fmt.Errorf("%s is about a load, which is described by --requests and no file", flag)
	}
	name, file, err := openInput(std, args)
	if err != nil {
		return exitUsage, err
	}
	defer file.Close()
	var shown report.Options
	in, err := record.NewReader(interruptible(ctx, file), record.Options{})
	switch {
	case ctx.Err() != nil:
		return exitInterrupted, errors.New("interrupted")
	case err != nil:
		return exitUsage, fmt.Errorf("%s: %s", name, shown.Message(err))
	}
	costs := replay.NewCosts(c.engines, c.better)
	exit := exitAllowed
	for r, err := range replay.Judge(ctx, in, replay.Options{}, func(r *replay.Result) *replay.Result { return r }) {
		if ctx.Err() != nil {
			return exitInterrupted, errors.New("interrupted: nothing can be said about a part of a recording")
		}
		if err != nil {
			fmt.Fprintf(std.err, "%s: %s\n", name, shown.Message(err))
			exit = exitUsage
			continue
		}
		costs.Add(r)
	}
	if costs.Unclocked > 0 {
		fmt.Fprintf(std.err, "%s: %d requests that need a preflight have no time, so nothing can be said about them\n", name, costs.Unclocked)
	}
	return exit, c.print(std, costs.Costs(), costs.MaxAges())
}

func (c *costRun) print(std *streams, costs []replay.Cost, maxAges map[string]int64) error {
	if c.json {
		encoder := json.NewEncoder(redact.Escaped(std.out))
		for _, cost := range costs {
			type server struct {
				Origin string `json:"origin"`
				MaxAge *int64 `json:"maxAge,omitempty"`
				Sent   int    `json:"sent"`
				Better int    `json:"better"`
			}
			var servers []server
			for _, s := range cost.Servers {
				answered := server{Origin: s.Origin, Sent: s.Sent, Better: s.Better}
				if age, ok := maxAges[s.Origin]; ok {
					answered.MaxAge = &age
				}
				servers = append(servers, answered)
			}
			var seconds, better *float64
			if cost.Timed {
				a, b := cost.Time.Seconds(), cost.BetterTime.Seconds()
				seconds, better = &a, &b
			}
			if err := encoder.Encode(struct {
				V          int      `json:"v"`
				Browser    string   `json:"browser"`
				MaxAge     int64    `json:"maxAge"`
				Requests   int      `json:"requests"`
				Sent       int      `json:"sent"`
				Better     int      `json:"better"`
				Time       *float64 `json:"seconds,omitempty"`
				BetterTime *float64 `json:"betterSeconds,omitempty"`
				Servers    []server `json:"servers,omitempty"`
			}{1, cost.Engine.Label(), int64(cost.MaxAge.Seconds()), cost.Requests, cost.Sent, cost.Better, seconds, better, servers}); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "browser\trequests that need one\tpreflights sent\twaiting\twith max-age\tsent\twaiting\tsaved\t")
	for _, cost := range costs {
		saved := "0 %"
		if cost.Sent > 0 {
			saved = fmt.Sprintf("%.1f %%", 100*float64(cost.Sent-cost.Better)/float64(cost.Sent))
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%s\t%.0f\t%d\t%s\t%s\t\n", cost.Engine.Label(), cost.Requests, cost.Sent, waiting(cost.Time, cost.Timed), cost.MaxAge.Seconds(), cost.Better, waiting(cost.BetterTime, cost.Timed), saved)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(costs) == 0 {
		return nil
	}
	// Where to begin, by the browser that would save most.
	most := costs[0]
	for _, cost := range costs {
		if cost.Sent-cost.Better > most.Sent-most.Better {
			most = cost
		}
	}
	for i, s := range most.Servers {
		if i == 10 {
			break
		}
		if i == 0 {
			fmt.Fprintf(std.out, "\nWhere %s would save most:\n", most.Engine.Label())
		}
		now := "answers no preflight in the recording"
		if age, ok := maxAges[s.Origin]; ok {
			now = fmt.Sprintf("now Access-Control-Max-Age %d", age)
		}
		fmt.Fprintf(std.out, "  %6d fewer of %-6d %s (%s)\n", s.Sent-s.Better, s.Sent, s.Origin, now)
	}
	return nil
}

// waiting rounds a time to what matters of it.
func waiting(d time.Duration, known bool) string {
	switch {
	case !known:
		return "unknown"
	case d >= time.Hour:
		return fmt.Sprintf("%.1f h", d.Hours())
	case d >= time.Minute:
		return fmt.Sprintf("%.1f min", d.Minutes())
	case d >= time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%d ms", d.Milliseconds())
}
