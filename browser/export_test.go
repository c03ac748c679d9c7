package browser

// WithoutFacts returns an engine without those of its facts, by index, that drop chooses.
func WithoutFacts(e *Engine, drop func(i int) bool) *Engine {
	for _, h := range histories {
		for i, engine := range h.all() {
			if engine == e {
				return h.engine(h.builds[i], func(i int) bool { return !drop(i) })
			}
		}
	}
	return e
}

// AFact is a fact, for tests.
type AFact struct {
	Quirk, Evidence string
	Holds           bool // in the version of the engine
}

// FactsOf returns the facts of an engine's history, by index.
func FactsOf(e *Engine) (facts []AFact) {
	for _, h := range histories {
		if h.name == e.Name() {
			for _, f := range h.facts {
				facts = append(facts, AFact{f.quirk, f.evidence, f.span.has(e.version)})
			}
		}
	}
	return facts
}
