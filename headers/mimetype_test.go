package headers

import (
	"reflect"
	"strings"
	"testing"
)

// The first group are the facts of web-platform-tests'
// mimesniff/mime-types/resources/mime-types.json, whose inputs above U+00FF
// cannot be in bytes and are left out; the second are our own.
var mimeTypes = []struct {
	input, want string // want is empty for failure
}{
	{"text/html;charset=gbk", "text/html;charset=gbk"},
	{"TEXT/HTML;CHARSET=GBK", "text/html;charset=GBK"},
	{"text/html;charset=gbk(", `text/html;charset="gbk("`},
	{"text/html;x=(;charset=gbk", `text/html;x="(";charset=gbk`},
	{"text/html;charset=gbk;charset=windows-1255", "text/html;charset=gbk"},
	{"text/html;charset =gbk", "text/html"},
	{"text/html ;charset=gbk", "text/html;charset=gbk"},
	{"text/html; charset=gbk", "text/html;charset=gbk"},
	{"text/html;charset= gbk", `text/html;charset=" gbk"`},
	{"text/html;charset='gbk'", "text/html;charset='gbk'"},
	{"text/html;charset='gbk", "text/html;charset='gbk"},
	{"text/html;charset=gbk'", "text/html;charset=gbk'"},
	{"text/html;test;charset=gbk", "text/html;charset=gbk"},
	{"text/html;test=;charset=gbk", "text/html;charset=gbk"},
	{"text/html;';charset=gbk", "text/html;charset=gbk"},
	{`text/html;";charset=gbk`, "text/html;charset=gbk"},
	{"text/html ; ; charset=gbk", "text/html;charset=gbk"},
	{"text/html;;;;charset=gbk", "text/html;charset=gbk"},
	{`text/html;charset="gbk"`, "text/html;charset=gbk"},
	{`text/html;charset="gbk`, "text/html;charset=gbk"},
	{`text/html;charset=gbk"`, `text/html;charset="gbk\""`},
	{`text/html;charset=" gbk"`, `text/html;charset=" gbk"`},
	{`text/html;charset="\ gbk"`, `text/html;charset=" gbk"`},
	{`text/html;charset="\g\b\k"`, "text/html;charset=gbk"},
	{`text/html;charset="gbk"x`, "text/html;charset=gbk"},
	{"text/html;charset={gbk}", `text/html;charset="{gbk}"`},
	{"text/html;" + strings.Repeat("0123456789", 13) + "=x;charset=gbk", "text/html;" + strings.Repeat("0123456789", 13) + "=x;charset=gbk"},
	{strings.Repeat("0123456789", 13) + "/" + strings.Repeat("0123456789", 13), strings.Repeat("0123456789", 13) + "/" + strings.Repeat("0123456789", 13)},
	{tchars + "/" + tchars + ";" + tchars + "=" + tchars, strings.ToLower(tchars+"/"+tchars+";"+tchars) + "=" + tchars},
	{"x/x;test", "x/x"},
	{`x/x;test="\`, `x/x;test="\\"`},
	{"text/html;test=\xFF;charset=gbk", "text/html;test=\"\xFF\";charset=gbk"},
	{"", ""},
	{"\t", ""},
	{"bogus", ""},
	{"bogus/", ""},
	{"bogus/ ", ""},
	{"bogus/bogus/;", ""},
	{"</>", ""},
	{"(/)", ""},
	{"text/html(;doesnot=matter", ""},
	{"{/}", ""},

	{"*/*", "*/*"},
	{"\r\n\t text/html \n", "text/html"},
	{"text/html\f", ""},
	{"text / html", ""},
	{"/html", ""},
	{"/", ""},
	{";charset=gbk", ""},
	{"text/html;", "text/html"},
	{"text/html;=x", "text/html"},
	{"text/html;x=", "text/html"},
	{"text/html;x= \t", "text/html"},
	{"text/html;x=y \n;z", "text/html;x=y"},
	{"text/html;\n\r\t x=y", "text/html;x=y"},
	{`text/html;x=""`, `text/html;x=""`},
	{`text/html;x="";x=y`, `text/html;x=""`},
	{`text/html;x="`, `text/html;x=""`},
	{`text/html;x=;x=y`, "text/html;x=y"},
	{"text/html;x=\x01;x=y", "text/html;x=y"},
	{`text/html;X=";";x=y`, `text/html;x=";"`},
	{`text/html;x="\"\\";y="a=b"`, `text/html;x="\"\\";y="a=b"`},
	{"text/html;x=y=z", `text/html;x="y=z"`},
	{"text/html;x=a\tb", "text/html;x=\"a\tb\""},
	{"text/html;x=\"\x7F\"", "text/html"},
	{"text/html;x=\"\x80\"", "text/html;x=\"\x80\""},
	{"text/html, text/plain", ""},
	{"text/\xE9", ""},
	{"x/x;a=1;b=2;c=3;d=4;e=5;f=6;g=7;h=8;h=0;i=9;I=0;a=0;j=10;i=0", "x/x;a=1;b=2;c=3;d=4;e=5;f=6;g=7;h=8;i=9;j=10"},
}

func TestParseMIMEType(t *testing.T) {
	for _, test := range mimeTypes {
		m, ok := ParseMIMEType(test.input)
		if ok != (test.want != "") || ok && m.String() != test.want {
			t.Errorf("ParseMIMEType(%q) = %q, %v, want %q", test.input, m, ok, test.want)
		}
		if !ok && !reflect.DeepEqual(m, MIMEType{}) {
			t.Errorf("ParseMIMEType(%q) fails with %q", test.input, m)
		}
	}
}

// As web-platform-tests' mimesniff/mime-types/resources/generated-mime-types has
// it: what each byte that is not of a token does in each part.
func TestParseMIMETypeBytes(t *testing.T) {
	parse := func(input, want string) {
		t.Helper()
		if m, ok := ParseMIMEType(input); ok != (want != "") || ok && m.String() != want {
			t.Errorf("ParseMIMEType(%q) = %q, %v, want %q", input, m, ok, want)
		}
	}
	allBytes(tchars, func(b byte, token bool) {
		if token {
			return
		}
		c := string([]byte{b})
		if c != "/" {
			parse(c+"/x", "")
			parse("x/"+c, "")
		}
		if c != ";" && c != "=" {
			want := "x/x;bonus=x"
			parse("x/x;"+c+"=x;bonus=x", want)
		}
		if strings.Contains("\t \";\\", c) {
			return
		}
		want := "x/x;bonus=x"
		if 0x20 <= b && b <= 0x7E || b >= 0x80 {
			want = "x/x;x=\"" + c + "\";bonus=x"
		}
		if c != "\n" && c != "\r" { // unquoted, they are trimmed like a space
			parse("x/x;x="+c+";bonus=x", want)
		}
		parse("x/x;x=\""+c+"\";bonus=x", want)
	})
	// Every byte of a quoted string at once.
	value := ""
	for b := range 256 {
		if b == '\t' || 0x20 <= b && b <= 0x7E || b >= 0x80 {
			value += string([]byte{byte(b)})
		}
	}
	m := MIMEType{Type: "x", Subtype: "x", Parameters: []Parameter{{"x", value}}}
	if again, ok := ParseMIMEType(m.String()); !ok || !reflect.DeepEqual(again, m) {
		t.Errorf("%q parses as %q, %v", m.String(), again, ok)
	}
}

func TestMIMETypeParameters(t *testing.T) {
	m, _ := ParseMIMEType("Text/HTML;Charset=GBK;x=\"\"")
	if m.Essence() != "text/html" {
		t.Errorf("Essence() = %q", m.Essence())
	}
	for _, test := range []struct {
		name, value string
		ok          bool
	}{{"charset", "GBK", true}, {"x", "", true}, {"y", "", false}} {
		if got, ok := m.Parameter(test.name); got != test.value || ok != test.ok {
			t.Errorf("Parameter(%q) = %q, %v", test.name, got, ok)
		}
	}
	m.SetParameter("charset", "utf-8")
	m.SetParameter("y", "a b")
	if want := `text/html;charset=utf-8;x="";y="a b"`; m.String() != want {
		t.Errorf("after SetParameter: %q, want %q", m, want)
	}
}

func TestIsJavaScript(t *testing.T) {
	for essence, want := range map[string]bool{
		"application/ecmascript": true, "application/javascript": true, "application/x-ecmascript": true, "application/x-javascript": true,
		"text/ecmascript": true, "text/javascript": true, "text/javascript1.0": true, "text/javascript1.1": true, "text/javascript1.2": true,
		"text/javascript1.3": true, "text/javascript1.4": true, "text/javascript1.5": true, "text/jscript": true, "text/livescript": true,
		"text/x-ecmascript": true, "text/x-javascript": true, "TEXT/JavaScript;charset=x": true,
		"text/javascript1.6": false, "text/javascript1": false, "application/javascript1.0": false, "application/jscript": false,
		"application/livescript": false, "text/json": false, "application/json": false, "image/javascript": false, "text/plain": false,
	} {
		m, ok := ParseMIMEType(essence)
		if got := m.IsJavaScript(); got != want || !ok {
			t.Errorf("%q is JavaScript: %v", essence, got)
		}
	}
}

// The standard's own examples, then the facts of web-platform-tests'
// fetch/content-type/resources (content-types.json, script-content-types.json).
func TestExtractMIMEType(t *testing.T) {
	for _, test := range []struct {
		lines []string
		want  string // empty for failure
	}{
		{[]string{"text/plain;charset=gbk, text/html"}, "text/html"},
		{[]string{"text/html;charset=gbk;a=b, text/html;x=y"}, "text/html;x=y;charset=gbk"},
		{[]string{"text/html;charset=gbk;a=b", "text/html;x=y"}, "text/html;x=y;charset=gbk"},
		{[]string{"text/html;charset=gbk", "x/x", "text/html;x=y"}, "text/html;x=y"},
		{[]string{"text/html", "cannot-parse"}, "text/html"},
		{[]string{"text/html", "*/*"}, "text/html"},
		{[]string{"text/html", ""}, "text/html"},

		{[]string{"", "text/plain"}, "text/plain"},
		{[]string{"text/plain", ""}, "text/plain"},
		{[]string{"text/html", "text/plain"}, "text/plain"},
		{[]string{"text/plain;charset=gbk", "text/html"}, "text/html"},
		{[]string{"text/plain;charset=gbk", "text/html;charset=windows-1254"}, "text/html;charset=windows-1254"},
		{[]string{"text/plain;charset=gbk", "text/plain"}, "text/plain;charset=gbk"},
		{[]string{"text/plain;charset=gbk", "text/plain;charset=windows-1252"}, "text/plain;charset=windows-1252"},
		{[]string{"text/html;charset=gbk", `text/html;x=",text/plain`}, `text/html;x=",text/plain";charset=gbk`},
		{[]string{"text/html;charset=gbk", "text/plain", "text/html"}, "text/html"},
		{[]string{"*/*", "text/html"}, "text/html"},
		{[]string{"text/plain", "*/*;charset=gbk"}, "text/plain"},
		{[]string{`text/html;x="`, "text/plain"}, `text/html;x=", text/plain"`},
		{[]string{`text/html;"`, "text/plain"}, "text/html"},
		{[]string{`text/javascript;";charset=windows-1252`}, "text/javascript;charset=windows-1252"},
		{[]string{"text/javascript\f"}, ""},
		{[]string{"text / javascript"}, ""},
		{[]string{"x/x;charset=windows-1252", "text/javascript"}, "text/javascript"},
		{[]string{"text/javascript", "x/x"}, "x/x"},
		{[]string{"text/javascript; charset=windows-1252", "text/javascript"}, "text/javascript;charset=windows-1252"},
		{[]string{`text/javascript;"`, "x/x"}, "text/javascript"},
		{[]string{"text/javascript;charset=windows-1252", "x/x", "text/javascript"}, "text/javascript"},
		{[]string{"text/javascript;charset=windows-1252", "error", "text/javascript"}, "text/javascript;charset=windows-1252"},

		{nil, ""},
		{[]string{""}, ""},
		{[]string{"*/*"}, ""},
		{[]string{"error", "*/*;charset=gbk"}, ""},
		{[]string{"x/x", "x/x;charset=gbk", "x/x"}, "x/x"}, // only the first of an essence is remembered
		{[]string{`x/x;charset=""`, "x/x"}, `x/x;charset=""`},
	} {
		l := List{{"X", "image/png"}}
		for _, line := range test.lines {
			l.Append("content-type", line)
		}
		m, ok := l.ExtractMIMEType()
		if ok != (test.want != "") || ok && m.String() != test.want {
			t.Errorf("Content-Type lines %q give %q, %v, want %q", test.lines, m, ok, test.want)
		}
	}
}
