package duration

import (
	"math"
	"testing"
	"time"
)

func TestOf(t *testing.T) {
	for _, tt := range []struct {
		n    float64
		unit time.Duration
		want time.Duration // 0 for none
	}{
		{1, time.Second, time.Second}, {.5, time.Second, 500 * time.Millisecond}, {1.5, time.Millisecond, 1500 * time.Microsecond},
		{1e-10, time.Second, 1}, {1e-7, time.Millisecond, 1}, {math.SmallestNonzeroFloat64, time.Second, 1},
		{0, time.Second, 0}, {-1, time.Second, 0}, {math.NaN(), time.Second, 0}, {math.Inf(1), time.Second, 0}, {1e300, time.Second, 0},
		{math.MaxInt32, time.Second, math.MaxInt32 * time.Second}, {math.MaxInt32 + 1, time.Second, 0},
	} {
		if got, ok := Of(tt.n, tt.unit); got != tt.want || ok != (tt.want != 0) {
			t.Errorf("%v times %v is %v, %t; want %v", tt.n, tt.unit, got, ok, tt.want)
		}
	}
}
