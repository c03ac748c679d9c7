package observe

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

func TestPackageVersions(t *testing.T) {
	const index = "Package: firefox-esr-l10n-all\nVersion: 1\n\nPackage: firefox-esr\nSource: x\nVersion: 153.8.0esr-1~deb12u1\nDepends: a\n\n" +
		"Package: firefox-esr\nVersion: 140.12.0esr-1~deb12u1\n\nPackage: zlib\nVersion: 2\n"
	got, err := packageVersions(strings.NewReader(index), "firefox-esr")
	if want := []string{"153.8.0esr-1~deb12u1", "140.12.0esr-1~deb12u1"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
	for version, want := range map[string]string{
		"153.8.0esr-1~deb12u1": "153.8.0", "156.0.8078.114-1~deb12u1": "156.0.8078.114", "2.54.3-1~deb13u1": "2.54.3", "159.0-1": "159.0", "1:2.0-3": "2.0", "7": "7",
	} {
		if got := upstreamVersion(version); got != want {
			t.Errorf("%s is of %s, not %s", version, got, want)
		}
	}
}

func TestNewestOf(t *testing.T) {
	versions, err := npmVersions([]byte(`["99.0.0","131.0.0","131.0.1","132.0.0-next.1","143.0.10","143.0.4"]`))
	if err != nil {
		t.Fatal(err)
	}
	for wanted, want := range map[string]string{"131": "131.0.1", "143": "143.0.10", "143.0.4": "143.0.4", "13": "", "132": "", "": "143.0.10"} {
		if got := newestOf(versions, wanted); got != want {
			t.Errorf("the newest %q is %q, not %q", wanted, got, want)
		}
	}
	if _, err := npmVersions([]byte(`{}`)); err == nil {
		t.Error("an object is a list of versions")
	}
}

func TestDebianArguments(t *testing.T) {
	got := debian{suite: "trixie", security: true, pkg: "libwebkit2gtk-4.1-0"}.arguments("webkit", "2.54.3-1", "/x/root")
	for _, want := range []string{
		"--include=libwebkit2gtk-4.1-0=2.54.3-1,ca-certificates,fonts-dejavu-core,libjavascriptcoregtk-4.1-0=2.54.3-1,webkit2gtk-driver=2.54.3-1",
		"trixie", "/x/root", "deb http://deb.debian.org/debian trixie main", "deb http://deb.debian.org/debian-security trixie-security main",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
	if got := (debian{suite: "sid", pkg: "firefox"}).arguments("firefox", "159.0-1", "r"); len(got) != 6 {
		t.Errorf("%q has another archive than the suite's", got)
	}
}

func TestUnpackProgram(t *testing.T) {
	pack := func(name string) io.Reader {
		var program, pkg bytes.Buffer
		packed := brotli.NewWriter(&program)
		io.WriteString(packed, "#!")
		packed.Close()
		zipped := gzip.NewWriter(&pkg)
		files := tar.NewWriter(zipped)
		for _, file := range []string{"package/package.json", name} {
			files.WriteHeader(&tar.Header{Name: file, Size: int64(program.Len()), Mode: 0o644})
			files.Write(program.Bytes())
		}
		files.Close()
		zipped.Close()
		return &pkg
	}
	to := filepath.Join(t.TempDir(), "chromium")
	if err := unpackProgram(pack(packedProgram), to); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(to); err != nil || string(text) != "#!" {
		t.Errorf("%q, %v", text, err)
	}
	if info, err := os.Stat(to); err != nil || info.Mode()&0o100 == 0 {
		t.Errorf("it cannot be run: %v, %v", info, err)
	}
	if err := unpackProgram(pack("package/bin/other"), to); err == nil || !strings.Contains(err.Error(), packedProgram) {
		t.Errorf("a package without the program: %v", err)
	}
}

func TestPlaces(t *testing.T) {
	dir := t.TempDir()
	for folder, version := range map[string]string{"firefox@159": "159.0", "chromium@143": "143.0.7499.0", "chromium@99": "99.0", "webkit@2.54": "2.54.3", "unfinished@1": ""} {
		if err := os.MkdirAll(filepath.Join(dir, folder, "root", "usr", "lib", "firefox"), 0o755); err != nil {
			t.Fatal(err)
		}
		if version == "" {
			continue // what was not installed to its end
		}
		if err := os.WriteFile(filepath.Join(dir, folder, versionFile), []byte(version+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	os.RemoveAll(filepath.Join(dir, "chromium@143", "root"))
	os.WriteFile(filepath.Join(dir, "firefox@159", "root", "usr", "lib", "firefox", "firefox"), nil, 0o755)

	installed, err := InstalledIn(dir)
	if want := []string{"chromium@99", "chromium@143", "firefox@159", "webkit@2.54"}; err != nil || !slices.Equal(installed, want) {
		t.Errorf("installed are %q, %v", installed, err)
	}
	p, err := placeOf(dir, "firefox@159")
	if err != nil || p.built != "159.0" || p.root != filepath.Join(dir, "firefox@159", "root") {
		t.Errorf("%+v, %v", p, err)
	}
	if path, err := (firefox{p}).path(); path != "/usr/lib/firefox/firefox" || err != nil {
		t.Errorf("Firefox is at %q, %v", path, err)
	}
	if version, err := (firefox{p}).version(); version != "159.0" || err != nil {
		t.Errorf("Firefox is %q, %v", version, err)
	}
	if _, err := (chromium{p}).path(); err == nil {
		t.Error("the folder of Firefox has Chromium")
	}
	if p, err := placeOf(dir, "chromium@143"); err != nil || p.root != "" || p.program != filepath.Join(dir, "chromium@143", "chromium") {
		t.Errorf("%+v, %v", p, err)
	}
	if p, err := placeOf(dir, "firefox"); err != nil || p != (place{}) {
		t.Errorf("the machine's own: %+v, %v", p, err)
	}
	for _, spec := range []string{"firefox@15", "firefox@158", "lynx", "lynx@1", "webkit@2.5"} {
		if _, err := placeOf(dir, spec); err == nil {
			t.Errorf("%s was found", spec)
		}
	}
	for _, spec := range []string{"firefox", "lynx@1"} {
		if _, err := Install(spec, dir, io.Discard); err == nil {
			t.Errorf("%s was installed", spec)
		}
	}
}
