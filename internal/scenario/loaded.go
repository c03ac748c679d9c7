package scenario

import (
	"slices"
	"strconv"
)

type boolField struct {
	name  string
	value *Optional[bool]
}

type numberField struct {
	name  string
	value *Optional[int64]
}

// bools are the members that are truth values, in the order of the format.
func (l *Loaded) bools() []boolField {
	return []boolField{
		{"tainted", &l.Tainted}, {"muted", &l.Muted}, {"rules", &l.Rules}, {"applied", &l.Applied},
		{"queued", &l.Queued}, {"readable", &l.Readable}, {"timing", &l.Timing},
	}
}

// numbers are those that are numbers.
func (l *Loaded) numbers() []numberField {
	return []numberField{{"opened", &l.Opened}, {"readyState", &l.ReadyState}}
}

// appendJSON appends the members that are there, each after a comma.
func (l *Loaded) appendJSON(dst []byte) []byte {
	for _, f := range l.bools() {
		if f.value.Given {
			dst = strconv.AppendBool(append(dst, `,"`+f.name+`":`...), f.value.Value)
		}
	}
	if l.Messages != nil {
		dst = append(dst, `,"messages":[`...)
		for i, m := range l.Messages {
			dst = append(dst, ",["[max(0, 1-i):]...)
			for j, s := range m {
				if j > 0 {
					dst = append(dst, ',')
				}
				dst = appendText(dst, s)
			}
			dst = append(dst, ']')
		}
		dst = append(dst, ']')
	}
	for _, f := range l.numbers() {
		if f.value.Given {
			dst = strconv.AppendInt(append(dst, `,"`+f.name+`":`...), f.value.Value, 10)
		}
	}
	return dst
}

func (l *Loaded) equal(m *Loaded) bool {
	a, b := *l, *m
	a.Messages, b.Messages = nil, nil
	return a.Tainted == b.Tainted && a.Muted == b.Muted && a.Rules == b.Rules && a.Applied == b.Applied && a.Queued == b.Queued &&
		a.Readable == b.Readable && a.Timing == b.Timing && a.Opened == b.Opened && a.ReadyState == b.ReadyState && slices.Equal(l.Messages, m.Messages)
}
