package browser

// All returns the engines by name, the standard among them.
func All() map[string]*Engine {
	return map[string]*Engine{
		Standard.Name: Standard, Chromium.Name: Chromium, Firefox.Name: Firefox, WebKit.Name: WebKit,
	}
}
