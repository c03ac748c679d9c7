package examples

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/corsim/corsim/monitor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// Prometheus is a monitor.Observer that counts in a counter of Prometheus.
type Prometheus struct{ Responses *prometheus.CounterVec }

// NewPrometheus returns an observer whose counter is registered.
func NewPrometheus(r prometheus.Registerer) Prometheus {
	p := Prometheus{prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "cors_responses_total", Help: "What browsers make of responses to pages of other origins.",
	}, []string{"verdict", "cause", "route", "origin", "browsers"})}
	r.MustRegister(p.Responses)
	return p
}

// Observe implements monitor.Observer.
func (p Prometheus) Observe(_ context.Context, l monitor.Labels) {
	p.Responses.WithLabelValues(l.Verdict, l.Cause, l.Route, l.Origin, l.Browsers).Inc()
}

// OpenTelemetry is a monitor.Observer that counts in an instrument of OpenTelemetry.
type OpenTelemetry struct{ Responses metric.Int64Counter }

// NewOpenTelemetry returns an observer with an instrument of a meter.
func NewOpenTelemetry(m metric.Meter) (OpenTelemetry, error) {
	responses, err := m.Int64Counter("cors.responses", metric.WithDescription("What browsers make of responses to pages of other origins."))
	return OpenTelemetry{responses}, err
}

// Observe implements monitor.Observer.
func (o OpenTelemetry) Observe(ctx context.Context, l monitor.Labels) {
	o.Responses.Add(ctx, 1, metric.WithAttributes(attribute.String("verdict", l.Verdict), attribute.String("cause", l.Cause),
		attribute.String("route", l.Route), attribute.String("origin", l.Origin), attribute.String("browsers", l.Browsers)))
}

// refusing sends three requests that browsers refuse through a monitor.
func refusing(o monitor.Observer) {
	m := monitor.Handler(http.NotFoundHandler(), monitor.Options{Observer: o})
	for range 3 {
		r := httptest.NewRequest("GET", "/orders", nil)
		r.Header.Set("Origin", "https://app.example")
		m.ServeHTTP(httptest.NewRecorder(), r)
	}
}

func TestPrometheus(t *testing.T) {
	p := NewPrometheus(prometheus.NewRegistry())
	refusing(p)
	if got := testutil.ToFloat64(p.Responses.WithLabelValues("blocked", "not-found-response", "/orders", "https://app.example", "all")); got != 3 {
		t.Errorf("counted %v, want 3", got)
	}
}

func TestOpenTelemetry(t *testing.T) {
	reader := sdkmetric.NewManualReader()
	o, err := NewOpenTelemetry(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)).Meter("cors"))
	if err != nil {
		t.Fatal(err)
	}
	refusing(o)
	var all metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	sum, ok := all.ScopeMetrics[0].Metrics[0].Data.(metricdata.Sum[int64])
	if !ok || len(sum.DataPoints) != 1 || sum.DataPoints[0].Value != 3 {
		t.Fatalf("%+v", all)
	}
	if cause, _ := sum.DataPoints[0].Attributes.Value("cause"); cause.AsString() != "not-found-response" {
		t.Errorf("cause %v", cause)
	}
}
