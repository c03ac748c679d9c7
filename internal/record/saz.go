package record

import (
	"archive/zip"
	"cmp"
	"encoding/xml"
	"io"
	slashpath "path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// sazReader reads what Fiddler saves: a zip archive with the raw messages of each session, raw/7_c.txt and
// raw/7_s.txt, and what Fiddler knows of it, raw/7_m.xml.
type sazReader struct {
	archive  *zipArchive
	sessions []sazSession
}

// sazSession are the files of a session, nil where there is none.
type sazSession struct {
	number                    int
	request, response, aspect *zip.File
}

// sazSessions returns the sessions of an archive in their order; none if it is of something else.
func sazSessions(a *zipArchive) []sazSession {
	byNumber := make(map[int]*sazSession)
	for _, f := range a.File {
		name := strings.ToLower(strings.ReplaceAll(f.Name, `\`, "/"))
		digits, kind, ok := strings.Cut(slashpath.Base(name), "_")
		number, err := strconv.Atoi(digits)
		if slashpath.Dir(name) != "raw" || !ok || err != nil {
			continue
		}
		s := byNumber[number]
		if s == nil {
			s = &sazSession{number: number}
			byNumber[number] = s
		}
		switch kind {
		case "c.txt":
			s.request = f
		case "s.txt":
			s.response = f
		case "m.xml":
			s.aspect = f
		}
	}
	var sessions []sazSession
	for _, s := range byNumber {
		if s.request != nil || s.response != nil {
			sessions = append(sessions, *s)
		}
	}
	slices.SortFunc(sessions, func(a, b sazSession) int { return cmp.Compare(a.number, b.number) })
	return sessions
}

func (s *sazReader) next(index int) (Raw, error) {
	for len(s.sessions) > 0 {
		session := &s.sessions[0]
		s.sessions = s.sessions[1:]
		if raw, ok := session.read(index); ok {
			return raw, nil
		}
	}
	s.archive.spooled.close()
	return Raw{}, io.EOF
}

// read reads a session. It returns false for a tunnel: what is asked through it has sessions of its own.
func (s *sazSession) read(index int) (Raw, bool) {
	var a assembler
	a.begin(0, 0)
	a.ex.Entry = "session " + strconv.Itoa(s.number)
	body := a.file(s.request, false)
	if a.ex.Request.Method == "CONNECT" {
		return Raw{}, false
	}
	a.file(s.response, true)
	if a.ex.Request.Method == "" {
		a.wrong("the session has no request")
	}
	// What Fiddler answers itself, where no server did.
	if r := &a.ex.Response; strings.HasPrefix(r.StatusText, "Fiddler - ") {
		a.ex.Error, *r = r.StatusText, Response{BodySize: -1}
	}
	a.ex.Started, a.ex.Duration = sazTimes(s.aspect)
	return a.finish(index, body), true
}

// file takes the message in a file.
func (a *assembler) file(f *zip.File, response bool) (body bool) {
	if f == nil {
		return false
	}
	head, err := readHead(f)
	if err != nil {
		a.wrong(err.Error())
		return false
	}
	return a.message(&burpContent{text: head, cut: len(head) >= MaxEntryBytes}, response)
}

// sazTimes returns when a session began, and how long it took.
func sazTimes(f *zip.File) (started time.Time, took time.Duration) {
	if f == nil {
		return started, 0
	}
	file, err := openFile(f)
	if err != nil {
		return started, 0
	}
	defer file.Close()
	var session struct {
		Timers struct {
			Began string `xml:"ClientBeginRequest,attr"`
			Done  string `xml:"ClientDoneResponse,attr"`
		} `xml:"SessionTimers"`
	}
	const most = 1 << 20
	if xml.NewDecoder(io.LimitReader(file, most)).Decode(&session) != nil {
		return started, 0
	}
	started, done := timestamp(session.Timers.Began), timestamp(session.Timers.Done)
	if !started.IsZero() && done.After(started) {
		took = done.Sub(started)
	}
	return started, took
}
