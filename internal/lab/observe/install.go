package observe

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/andybalholm/brotli"
)

// A place is where a browser is: on the machine itself, or installed in a folder of its own.
type place struct {
	root    string // the browser runs with this as its root directory; "" for the machine's own
	program string // the path of the program, where the folder has nothing else
	built   string // the version that is there; "" for the machine's own
}

// within returns the path of a file that the browser sees at path.
func (p *place) within(path string) string { return filepath.Join(p.root, path) }

// find returns the path of the first of some programs as the browser sees it; pkg is the package that has it.
func (p *place) find(pkg string, programs ...string) (string, error) {
	if p.program != "" {
		return p.program, nil
	}
	if p.root == "" {
		return find(pkg, programs...)
	}
	for _, program := range programs {
		if !filepath.IsAbs(program) {
			program = "/usr/bin/" + program
		}
		if matches, _ := filepath.Glob(p.within(program)); len(matches) > 0 {
			return strings.TrimPrefix(matches[len(matches)-1], p.root), nil
		}
	}
	return "", fmt.Errorf("%s is not in %s: install the package %s", programs[0], p.root, pkg)
}

// command returns the command that runs a program of the place.
func (p *place) command(path string, args ...string) *exec.Cmd {
	cmd := exec.Command(path, args...)
	group(cmd)
	if p.root != "" {
		changeRoot(cmd, p.root)
	}
	return cmd
}

// buildFile is the file in a browser's folder that says where it is from.
const buildFile = "build"

// buildOf says where an installed browser is from.
func (o *Observer) buildOf(spec string) string {
	text, err := os.ReadFile(filepath.Join(o.Installed, spec, buildFile))
	if err != nil {
		return "the machine's own"
	}
	return strings.TrimSpace(string(text))
}

// versionFile is the file in a browser's folder that has its version.
const versionFile = "version"

// InstalledIn returns the browsers in a directory, such as "firefox@159", by name and then oldest first.
func InstalledIn(dir string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*@*", versionFile))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, file := range files {
		names = append(names, filepath.Base(filepath.Dir(file)))
	}
	slices.SortFunc(names, compareSpecs)
	return names, nil
}

// compareSpecs orders browsers by name and then by version.
func compareSpecs(a, b string) int {
	nameA, versionA, _ := strings.Cut(a, "@")
	nameB, versionB, _ := strings.Cut(b, "@")
	if nameA != nameB {
		return strings.Compare(nameA, nameB)
	}
	return compareVersions(versionA, versionB)
}

// compareVersions compares versions number by number.
func compareVersions(a, b string) int {
	return slices.CompareFunc(strings.Split(a, "."), strings.Split(b, "."), func(x, y string) int {
		m, _ := strconv.Atoi(x)
		n, _ := strconv.Atoi(y)
		return m - n
	})
}

// placeOf returns where a browser such as "firefox@159" is in a directory of installed ones; without a version it is the
// machine's own.
func placeOf(dir, spec string) (place, error) {
	name, version, versioned := strings.Cut(spec, "@")
	if !slices.Contains(Browsers, name) {
		return place{}, fmt.Errorf("there is no browser %q: it is one of %s, with @VERSION for one that was installed", spec, strings.Join(Browsers, ", "))
	}
	if !versioned {
		return place{}, nil
	}
	installed, err := InstalledIn(dir)
	if err != nil {
		return place{}, err
	}
	folder := ""
	for _, one := range installed {
		if one == spec || strings.HasPrefix(one, spec+".") {
			folder = filepath.Join(dir, one)
		}
	}
	if folder == "" {
		return place{}, fmt.Errorf("%s is not in %s: run observe install --browser %s", spec, dir, spec)
	}
	built, err := os.ReadFile(filepath.Join(folder, versionFile))
	if err != nil {
		return place{}, err
	}
	p := place{built: strings.TrimSpace(string(built))}
	if !hasVersion(p.built, version) {
		return place{}, fmt.Errorf("%s has version %s", folder, p.built)
	}
	if root := filepath.Join(folder, "root"); isDirectory(root) {
		p.root, err = filepath.Abs(root)
	} else {
		p.program, err = filepath.Abs(filepath.Join(folder, name))
	}
	return p, err
}

func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// hasVersion reports whether a version is the wanted one, or begins with its numbers.
func hasVersion(version, wanted string) bool {
	return version == wanted || wanted == "" || strings.HasPrefix(version, wanted+".")
}

// A source has builds of browsers.
type source interface {
	// versions returns the versions of a browser that it has now.
	versions(name string) ([]string, error)
	// install puts a version into a new folder: as a root directory "root", or as a program with the browser's name.
	install(name, version, folder string, log io.Writer) error
	String() string
}

// sources are where versions of a browser are looked for, the preferred first.
var sources = map[string][]source{
	"chromium": {
		debian{suite: "bookworm", security: true, pkg: "chromium"}, debian{suite: "bookworm", pkg: "chromium"},
		debian{suite: "trixie", security: true, pkg: "chromium"}, debian{suite: "trixie", pkg: "chromium"},
		debian{suite: "sid", pkg: "chromium"}, debian{suite: "bullseye", pkg: "chromium"}, npm{pkg: "@sparticuz/chromium"},
	},
	"firefox": {
		debian{suite: "sid", pkg: "firefox"}, debian{suite: "bookworm", security: true, pkg: "firefox-esr"}, debian{suite: "bookworm", pkg: "firefox-esr"},
		debian{suite: "trixie", security: true, pkg: "firefox-esr"}, debian{suite: "trixie", pkg: "firefox-esr"}, debian{suite: "sid", pkg: "firefox-esr"},
		debian{suite: "bullseye", security: true, pkg: "firefox-esr"}, debian{suite: "bullseye", pkg: "firefox-esr"},
	},
	"webkit": {
		debian{suite: "trixie", security: true, pkg: "libwebkit2gtk-4.1-0"}, debian{suite: "trixie", pkg: "libwebkit2gtk-4.1-0"},
		debian{suite: "sid", pkg: "libwebkit2gtk-4.1-0"}, debian{suite: "bookworm", security: true, pkg: "libwebkit2gtk-4.1-0"},
		debian{suite: "bookworm", backports: true, pkg: "libwebkit2gtk-4.1-0"},
	},
}

// Available writes which versions of a browser can be installed, and from where.
func Available(name string, out io.Writer) error {
	for _, s := range sources[name] {
		versions, err := s.versions(name)
		if err != nil {
			return err
		}
		if len(versions) > 0 {
			fmt.Fprintf(out, "%s: %s %s\n", s, name, strings.Join(versions, ", "))
		}
	}
	return nil
}

// Install puts a browser such as "firefox@159" into a folder of its own in dir, and returns what the folder is called.
// The newest build that begins with the numbers is taken, from the first source that has one.
func Install(spec, dir string, log io.Writer) (string, error) {
	name, version, _ := strings.Cut(spec, "@")
	if sources[name] == nil {
		return "", fmt.Errorf("there is no browser %q to install: it is one of %s", name, strings.Join(Browsers, ", "))
	}
	if version == "" {
		return "", fmt.Errorf("give a version, such as %s@1; --list says which there are", name)
	}
	for _, s := range sources[name] {
		versions, err := s.versions(name)
		if err != nil {
			return "", err
		}
		found := newestOf(versions, version)
		if found == "" {
			continue
		}
		folder := filepath.Join(dir, name+"@"+majorOf(name, found))
		if old, err := os.ReadFile(filepath.Join(folder, versionFile)); err == nil {
			if strings.TrimSpace(string(old)) == found {
				return folder, nil // it is there
			}
			return "", fmt.Errorf("%s has %s; remove it to install %s", folder, strings.TrimSpace(string(old)), found)
		}
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return "", err
		}
		fmt.Fprintf(log, "installing %s %s from %s into %s\n", name, found, s, folder)
		if err := s.install(name, found, folder, log); err != nil {
			return "", fmt.Errorf("installing %s %s from %s: %w", name, found, s, err)
		}
		if err := os.WriteFile(filepath.Join(folder, buildFile), []byte(s.String()+"\n"), 0o644); err != nil {
			return "", err
		}
		return folder, os.WriteFile(filepath.Join(folder, versionFile), []byte(found+"\n"), 0o644)
	}
	return "", fmt.Errorf("no source has %s; observe install --list --browser %s says what there is", spec, name)
}

// newestOf returns the newest of versions that is the wanted one or begins with its numbers, "" for none.
func newestOf(versions []string, wanted string) (newest string) {
	for _, v := range versions {
		if hasVersion(v, wanted) && (newest == "" || compareVersions(v, newest) > 0) {
			newest = v
		}
	}
	return newest
}

// debian is a suite of Debian, in which the browser runs with a minimal system of the suite as its root directory.
type debian struct {
	suite               string
	security, backports bool // with these archives beside the suite's own
	pkg                 string
}

// debianMirror has the archives of Debian.
const debianMirror = "http://deb.debian.org/"

func (d debian) String() string {
	name := "Debian " + d.suite
	if d.security {
		name += "-security"
	}
	if d.backports {
		name += "-backports"
	}
	return name
}

// archive returns the directory and suite of the archive that has the browser.
func (d debian) archive() (dir, suite string) {
	switch {
	case d.security:
		return "debian-security", d.suite + "-security"
	case d.backports:
		return "debian", d.suite + "-backports"
	}
	return "debian", d.suite
}

// index returns the package's versions in the archive, as Debian has them.
func (d debian) index() ([]string, error) {
	dir, suite := d.archive()
	url := debianMirror + dir + "/dists/" + suite + "/main/binary-amd64/Packages.gz"
	response, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusNotFound {
		// Some archives compress with xz alone.
		return d.indexXZ(strings.TrimSuffix(url, "gz") + "xz")
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, response.Status)
	}
	unzipped, err := gzip.NewReader(response.Body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", url, err)
	}
	return packageVersions(unzipped, d.pkg)
}

func (d debian) indexXZ(url string) ([]string, error) {
	response, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusNotFound {
		return nil, nil // the archive is no longer there
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, response.Status)
	}
	cmd := exec.Command("xz", "-dc")
	cmd.Stdin = response.Body
	text, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", url, err)
	}
	return packageVersions(bytes.NewReader(text), d.pkg)
}

// packageVersions reads an index of packages and returns the versions of one.
func packageVersions(index io.Reader, pkg string) (versions []string, err error) {
	lines := bufio.NewScanner(index)
	lines.Buffer(nil, 1<<20)
	ours := false
	for lines.Scan() {
		line := lines.Text()
		if name, ok := strings.CutPrefix(line, "Package: "); ok {
			ours = name == pkg
		}
		if version, ok := strings.CutPrefix(line, "Version: "); ok && ours {
			versions = append(versions, version)
		}
	}
	return versions, lines.Err()
}

// upstreamVersion returns the browser's part of a version of Debian's, such as "153.8.0" of "153.8.0esr-1~deb12u1".
func upstreamVersion(version string) string {
	if _, rest, ok := strings.Cut(version, ":"); ok {
		version = rest
	}
	if i := strings.LastIndexByte(version, '-'); i >= 0 {
		version = version[:i]
	}
	return strings.TrimSuffix(version, "esr")
}

func (d debian) versions(string) ([]string, error) {
	index, err := d.index()
	for i := range index {
		index[i] = upstreamVersion(index[i])
	}
	return index, err
}

// install makes the root directory: the suite's smallest system with the browser.
func (d debian) install(name, version, folder string, log io.Writer) error {
	index, err := d.index()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(index, func(v string) bool { return upstreamVersion(v) == version })
	if i < 0 {
		return errors.New("the version is no longer there")
	}
	path, err := find("mmdebstrap", "mmdebstrap")
	if err != nil {
		return err
	}
	cmd := exec.Command(path, d.arguments(name, index[i], filepath.Join(folder, "root"))...)
	cmd.Stdout, cmd.Stderr = log, log
	return cmd.Run()
}

// arguments are those of mmdebstrap, for a version as Debian has it.
func (d debian) arguments(name, version, root string) []string {
	packages := []string{d.pkg + "=" + version, "ca-certificates", "fonts-dejavu-core"}
	if name == "webkit" {
		packages = append(packages, "libjavascriptcoregtk-4.1-0="+version, "webkit2gtk-driver="+version)
	}
	args := []string{
		"--variant=apt", "--include=" + strings.Join(packages, ","),
		// The Release file of a suite that is no longer updated has run out.
		`--aptopt=Acquire::Check-Valid-Until "false"`,
		d.suite, root, "deb " + debianMirror + "debian " + d.suite + " main",
	}
	if dir, suite := d.archive(); suite != d.suite {
		args = append(args, "deb "+debianMirror+dir+" "+suite+" main")
	}
	return args
}

// npm is a package of the npm registry that has builds of Chromium's headless shell.
type npm struct{ pkg string }

func (n npm) String() string { return "npm " + n.pkg }

func (n npm) versions(string) ([]string, error) {
	out, err := exec.Command("npm", "view", n.pkg, "versions", "--json").Output()
	if err != nil {
		return nil, fmt.Errorf("npm view %s: %w", n.pkg, err)
	}
	return npmVersions(out)
}

// npmVersions reads a list of versions, without those that are previews.
func npmVersions(list []byte) (versions []string, err error) {
	if err := json.Unmarshal(list, &versions); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(versions, func(v string) bool { return strings.Contains(v, "-") }), nil
}

func (n npm) install(name, version, folder string, _ io.Writer) error {
	cmd := exec.Command("npm", "pack", "--silent", n.pkg+"@"+version)
	cmd.Dir = folder
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("npm pack: %w", err)
	}
	archive := filepath.Join(folder, strings.TrimSpace(string(out)))
	defer os.Remove(archive)
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	return unpackProgram(file, filepath.Join(folder, name))
}

// packedProgram is where a package has the browser, compressed.
const packedProgram = "package/bin/chromium.br"

// unpackProgram writes the browser in an npm package to a file.
func unpackProgram(pkg io.Reader, to string) error {
	unzipped, err := gzip.NewReader(pkg)
	if err != nil {
		return err
	}
	for files := tar.NewReader(unzipped); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("the package has no %s", packedProgram)
		}
		if err != nil {
			return err
		}
		if header.Name != packedProgram {
			continue
		}
		out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o755)
		if err != nil {
			return err
		}
		_, err = io.Copy(out, brotli.NewReader(files))
		return errors.Join(err, out.Close())
	}
}
