package observe

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/corsim/corsim/internal/scenario"
)

// ReadScenarios reads the scenarios in a file, which is compressed where its name ends
// with ".gz"; "-" is standard input. One that is wrong is an error.
func ReadScenarios(name string) ([]*scenario.Scenario, error) {
	return readAll(name, (*scenario.Reader).Next)
}

// ReadOutcomes is [ReadScenarios] for outcomes.
func ReadOutcomes(name string) ([]*scenario.Outcome, error) {
	return readAll(name, (*scenario.Reader).NextOutcome)
}

func readAll[T any](name string, next func(*scenario.Reader) (*T, error)) ([]*T, error) {
	var in io.Reader = os.Stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		in = file
	}
	if strings.HasSuffix(name, ".gz") {
		unzipped, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		in = unzipped
	}
	reader := scenario.NewReader(in)
	var all []*T
	for {
		one, err := next(reader)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, one)
	}
}

// WriteOutcomes writes outcomes to a file, one a line, compressed where its name
// ends with ".gz"; "-" is standard output.
func WriteOutcomes(name string, outcomes []*scenario.Outcome) (err error) {
	return writeLines(name, func(line []byte, i int) ([]byte, bool) {
		if i == len(outcomes) {
			return nil, false
		}
		return outcomes[i].AppendJSON(line), true
	})
}

// writeLines writes the lines that append gives until it returns false.
func writeLines(name string, append func(dst []byte, i int) ([]byte, bool)) (err error) {
	var out io.Writer = os.Stdout
	if name != "-" {
		file, err := os.Create(name)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		out = file
	}
	if strings.HasSuffix(name, ".gz") {
		zipped, _ := gzip.NewWriterLevel(out, gzip.BestCompression)
		defer func() { err = errors.Join(err, zipped.Close()) }()
		out = zipped
	}
	buffered := bufio.NewWriter(out)
	var line []byte
	for i := 0; ; i++ {
		var ok bool
		if line, ok = append(line[:0], i); !ok {
			return buffered.Flush()
		}
		buffered.Write(line)
		if err := buffered.WriteByte('\n'); err != nil {
			return err
		}
	}
}
