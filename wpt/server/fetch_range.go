package server

import (
	"encoding/binary"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// rangeStashPath is where rangeWAV leaves what rangeStashTake tells.
const rangeStashPath = "/fetch/range/"

// oneRange matches a Range header with a single range.
var oneRange = regexp.MustCompile(`^bytes=(\d*)-(\d*)$`)

// Silence: 8-bit mono at wavRate samples a second, for wavSeconds.
const (
	wavRate    = 8000
	wavSeconds = 300
	wavBytes   = wavRate * wavSeconds
)

func wavHeader() string {
	b := []byte("RIFF")
	b = binary.LittleEndian.AppendUint32(b, 36+wavBytes)
	b = append(b, "WAVEfmt "...)
	b = binary.LittleEndian.AppendUint32(b, 16)
	b = binary.LittleEndian.AppendUint16(b, 1) // PCM
	b = binary.LittleEndian.AppendUint16(b, 1) // channels
	b = binary.LittleEndian.AppendUint32(b, wavRate)
	b = binary.LittleEndian.AppendUint32(b, wavRate) // bytes a second
	b = binary.LittleEndian.AppendUint16(b, 1)       // bytes a sample
	b = binary.LittleEndian.AppendUint16(b, 8)
	b = append(b, "data"...)
	return string(binary.LittleEndian.AppendUint32(b, wavBytes))
}

// rangeWAV sends silence, half a second of waiting for each second of it, in
// answer to Range headers a part of it, and leaves in the stash whether there
// was one and what Accept-Encoding said.
func rangeWAV(q *request, p *response) {
	if q.method == "OPTIONS" {
		p.statusText(404, "Not Found")
		p.set("Content-Type", "text/plain")
		p.reply("Preflight not accepted")
		return
	}
	p.set("Content-Type", "audio/wav")
	p.set("Accept-Ranges", "bytes")
	p.set("Cache-Control", "no-cache")
	p.set("Access-Control-Allow-Origin", q.headerOr("Origin", ""))

	asked := q.headerOr("Range", "")
	leave := func(key, value string) {
		q.stash.update(rangeStashPath, key, func(any) any { return value })
	}
	if key := q.paramOr("range-received-key", ""); key != "" && asked != "" {
		leave(key, "range-header-received")
	}
	if key := q.paramOr("accept-encoding-key", ""); key != "" {
		leave(key, q.headerOr("Accept-Encoding", ""))
	}

	head, left := wavHeader(), wavBytes
	if match := oneRange.FindStringSubmatch(asked); match != nil {
		p.status(206)
		start, end := integer(match[1]), 0
		if match[2] != "" {
			end = integer(match[2])
		}
		left, head = wavBytes-start, head[min(start, len(head)):]
		last := wavBytes - 1
		if end != 0 {
			left, last = end+1-start, end
		}
		head = head[:max(0, min(left, len(head)))]
		p.set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", start, last, wavBytes))
	}
	p.set("Content-Length", strconv.Itoa(left))
	p.writeHead()
	p.write(head)
	for left -= len(head); left > 0; {
		n := min(left, wavRate)
		p.write(strings.Repeat("\x00", n))
		if left -= n; left > 0 && !p.pause(time.Second/2) {
			return
		}
	}
}

func rangeScript(q *request, p *response) {
	offset := integer(q.paramOr("pretend-offset", "0"))
	asked, _ := q.header("Range")
	if q.paramOr("require-range", "") != "" && asked == "" {
		p.fails(412, "Range header required")
		return
	}
	const script = "self.scriptExecuted = true;"
	p.set("Content-Type", "text/plain")
	p.set("Accept-Ranges", "bytes")
	p.set("Cache-Control", "no-cache")
	p.status(206)
	p.set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", offset, offset+len(script)-1, offset+len(script)))
	p.set("Content-Length", strconv.Itoa(len(script)))
	p.content(script)
}

// rangeText sends a part of a text of zeros. The end of a range is taken as
// exclusive, and stands so in Content-Range.
func rangeText(q *request, p *response) {
	total := integer(q.paramOr("length", "100"))
	code := integer(q.paramOr("partial", "206"))
	mime := q.paramOr("type", "text/plain")
	if total < 0 || total > maxBodyBytes {
		fail(500, "length %d: want up to %d bytes", total, maxBodyBytes)
	}
	p.set("Content-Type", mime)
	asked, _ := q.header("Range")
	if asked == "" {
		p.set("Cache-Control", "no-cache")
		p.set("Content-Length", strconv.Itoa(total))
		p.content(strings.Repeat("0", total))
		return
	}
	match := oneRange.FindStringSubmatch(asked)
	if match == nil {
		fail(500, "Range %q: want one range of bytes", asked)
	}
	start, end := integer(match[1]), total
	if match[2] != "" {
		end = integer(match[2])
	}
	if end <= start || end > total {
		p.fails(416, "Range Not Satisfiable")
		p.headers = nil
		p.set("Content-Type", mime)
		return
	}
	p.set("Accept-Ranges", "bytes")
	p.set("Cache-Control", "no-cache")
	p.status(code)
	p.set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", start, end, total))
	p.set("Content-Length", strconv.Itoa(end-start))
	p.content(strings.Repeat("0", end-start))
}

func rangeStashTake(q *request, p *response) { takeJSON(q, p, rangeStashPath, q.need("key")) }
