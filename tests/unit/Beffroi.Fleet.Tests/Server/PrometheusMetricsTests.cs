using System.Diagnostics.Metrics;
using Beffroi.Server.Web;

namespace Beffroi.Fleet.Tests.Server;

public sealed class PrometheusMetricsTests
{
    [Fact]
    public void Counters_gauges_and_histograms_are_written_in_the_text_format()
    {
        using var metrics = new PrometheusMetrics();
        using var meter = new Meter("Beffroi.Test");
        var packs = meter.CreateCounter<long>("test.packs", description: "Packs\nreceived");
        var taken = meter.CreateHistogram<double>("test.taken", unit: "s");
        meter.CreateObservableGauge("test.free", () => 42, unit: "By");
        packs.Add(2, new KeyValuePair<string, object?>("kind", "a\"b\\c\n"));
        packs.Add(3, new KeyValuePair<string, object?>("kind", "a\"b\\c\n"));
        taken.Record(0.02);
        taken.Record(20);

        var lines = metrics.Write().Split('\n').Where(line => line.Contains("test_", StringComparison.Ordinal))
            .ToList();

        Assert.Contains("# HELP test_packs_total Packs received", lines);
        Assert.Contains("# TYPE test_packs_total counter", lines);
        Assert.Contains("""test_packs_total{kind="a\"b\\c\n"} 5""", lines);
        Assert.Contains("# TYPE test_free_bytes gauge", lines);
        Assert.Contains("test_free_bytes 42", lines);
        Assert.Contains("""test_taken_seconds_bucket{le="0.01"} 0""", lines);
        Assert.Contains("""test_taken_seconds_bucket{le="0.025"} 1""", lines);
        Assert.Contains("""test_taken_seconds_bucket{le="+Inf"} 2""", lines);
        Assert.Contains("test_taken_seconds_sum 20.02", lines);
        Assert.Contains("test_taken_seconds_count 2", lines);
    }

    [Fact]
    public void Meters_of_others_are_left_out()
    {
        using var metrics = new PrometheusMetrics();
        using var meter = new Meter("Foreign");
        meter.CreateCounter<int>("foreign").Add(1);
        Assert.DoesNotContain("foreign", metrics.Write(), StringComparison.Ordinal);
    }
}
