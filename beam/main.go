// Command beam judges recordings and access logs past one machine: a pipeline on Apache Beam's Go
// SDK that reads any number of files (HAR, JSON lines, access logs and whatever else "simulate
// replay" reads, plain or compressed) from any filesystem that Beam knows, judges each request in
// each browser with the library, in process, and writes totals by service, cause, browser and hour,
// and a line of JSON for each request.
//
//	go run . --input '/var/log/cors/*.log.gz' --totals totals.jsonl
//	go run . --input 'gs://logs/cors-*.gz,gs://logs/more-*' --totals gs://out/totals.jsonl --verdicts gs://out/verdicts.jsonl
//
// Without --runner it runs on Prism, Beam's own local engine, which keeps elements in memory: the
// totals of a file are small, --verdicts is not. Prism does not try a failed bundle again: the job
// fails, and writes nothing. Other runners are Beam's, and were not tried with this pipeline:
//
//	go run . --runner dataflow --project P --region R --staging_location gs://B/staging --input … --totals …
//	go run . --runner flink --endpoint localhost:8099 --environment_type LOOPBACK --input … --totals …
//	go run . --runner spark --endpoint localhost:8099 --environment_type LOOPBACK --input … --totals …
//
// A file is judged by one worker: many files of some hundred megabytes are better than one. Each
// request is judged by itself, as "simulate replay --format jsonl --json" does, so that the totals
// do not depend on how the requests were split among files.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/gcs"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/s3"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx"
)

func main() {
	input := flag.String("input", "", "patterns of files, separated by commas")
	totals := flag.String("totals", "", "the file for the totals, a line of JSON each")
	verdicts := flag.String("verdicts", "", "the file for the verdicts, a line of JSON for each request")
	format := flag.String("format", "", "what the files are, not recognized by themselves, as in simulate replay")
	browsers := flag.String("browser", "", "the browsers, separated by commas; all by default")
	flag.Parse()
	beam.Init()
	if *input == "" || *totals == "" && *verdicts == "" {
		fmt.Fprintln(os.Stderr, "beam: --input, and --totals or --verdicts, say what to read and to write")
		os.Exit(2)
	}
	p, s := beam.NewPipelineWithRoot()
	build(s, Options{Inputs: strings.Split(*input, ","), Totals: *totals, Verdicts: *verdicts, Format: *format, Browsers: fields(*browsers)})
	if err := beamx.Run(context.Background(), p); err != nil {
		fmt.Fprintln(os.Stderr, "beam:", err)
		os.Exit(1)
	}
}

func fields(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}
