package browser

// All returns the engines by name.
func All() map[string]*Engine { return map[string]*Engine{} }
