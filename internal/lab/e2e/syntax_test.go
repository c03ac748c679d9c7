//go:build e2e

package e2e

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/corsim/corsim/internal/explain"
)

// parseJava parses the files that it is given, and compiles none: what they import
// is not there.
const parseJava = `import com.sun.source.util.JavacTask;
import java.util.List;
import javax.tools.*;

public class Parse {
    public static void main(String[] args) throws Exception {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        StandardJavaFileManager files = compiler.getStandardFileManager(found, null, null);
        JavacTask task = (JavacTask) compiler.getTask(null, files, found, List.of("-proc:none"), null, files.getJavaFileObjects(args));
        task.parse();
        for (var d : found.getDiagnostics()) System.err.println(d);
        System.exit(found.getDiagnostics().isEmpty() ? 0 : 1);
    }
}
`

// TestSyntax has the parsers of their languages read the configurations for which
// no server can be started here. JSON and XML are parsed by package explain's own
// tests.
func TestSyntax(t *testing.T) {
	need := explain.Need{
		Origins: []string{"https://app.example", "http://localhost:3000"}, Methods: []string{"GET", "PUT"}, Headers: []string{"x-a", "content-type"},
		Credentials: true, Expose: []string{"X-Request-Id"}, MaxAge: 600,
	}
	for _, n := range []explain.Need{need, {Origins: need.Origins[:1]}} {
		text := func(server string) string {
			config, err := explain.Configure(server, n)
			if err != nil {
				t.Fatal(err)
			}
			return config.Parts[0].Text
		}
		dir := files(t, map[string]string{
			"Parse.java": parseJava, "CorsConfig.java": text("spring"),
			"Vertx.java": "class Vertx { void routes(Router router) {\n" + text("vertx") + "} }\n",
			"index.js":   text("firebase"),
		})
		java := exec.Command(program(t, "java", "default-jdk-headless"), "Parse.java", "CorsConfig.java", "Vertx.java")
		java.Dir = dir
		if out, err := java.CombinedOutput(); err != nil {
			t.Errorf("Spring, Vert.x: %v\n%s", err, out)
		}
		if out, err := exec.Command(program(t, "node", "nodejs"), "--check", filepath.Join(dir, "index.js")).CombinedOutput(); err != nil {
			t.Errorf("Firebase: %v\n%s", err, out)
		}
	}
}
