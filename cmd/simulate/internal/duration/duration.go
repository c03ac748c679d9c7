// Package duration makes times to wait of the numbers that users and programs give.
package duration

import "time"

// longest is what fits in milliseconds in 31 bits of seconds, which is curl's bound.
const longest = (1<<31 - 1) * time.Second

// Of returns n units, rounded up to a nanosecond: as 0 often stands for no bound at all,
// a time that is given is never 0. It returns false for what is no time to wait: one that
// is not above 0, and one of more than 68 years.
func Of(n float64, unit time.Duration) (d time.Duration, ok bool) {
	nanoseconds := n * float64(unit)
	if !(n > 0) || !(nanoseconds <= float64(longest)) {
		return 0, false
	}
	return max(time.Duration(nanoseconds), 1), true
}
