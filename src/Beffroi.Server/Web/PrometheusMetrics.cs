using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Beffroi.Server.Web;

/// <summary>Listens to the process's meters and writes their values in the text format of Prometheus.</summary>
internal sealed class PrometheusMetrics : IDisposable
{
    // A meter whose tags vary without bound must not fill the memory.
    private const int SeriesMax = 5000;

    private static readonly double[] BucketsSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    private static readonly string[] MeterPrefixes =
        ["Beffroi", "Npgsql", "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel"];

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<(string Name, string Labels), Series> _series = new();
    private readonly ConcurrentDictionary<string, Family> _families = new();

    public PrometheusMetrics()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            var meter = instrument.Meter.Name;
            if (!MeterPrefixes.Any(prefix => meter.StartsWith(prefix, StringComparison.Ordinal))) return;
            var family = _families.GetOrAdd(NameOf(instrument), _ => Family.Of(instrument));
            listener.EnableMeasurementEvents(instrument, family);
        };
        _listener.SetMeasurementEventCallback<int>((_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, family) => Record(family, value, tags));
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    /// <summary>All values now.</summary>
    internal string Write()
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (var family in _series.GroupBy(series => series.Key.Name)
            .OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var (kind, help) = _families[family.Key];
            text.Append(CultureInfo.InvariantCulture, $"# HELP {family.Key} {help}\n# TYPE {family.Key} {kind}\n");
            foreach (var ((name, labels), series) in family
                .OrderBy(series => series.Key.Labels, StringComparer.Ordinal))
                series.Write(text, name, labels);
        }
        return text.ToString();
    }

    private void Record(object? state, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var family = (Family)state!; // Given to EnableMeasurementEvents above.
        var key = (family.Name, Labels(tags));
        if (!_series.TryGetValue(key, out var series))
        {
            if (_series.Count >= SeriesMax) return;
            series = _series.GetOrAdd(key, _ => new Series(family.Kind == "histogram" ? BucketsSeconds : []));
        }
        series.Add(value, family.IsSum);
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            if (text.Length > 0) text.Append(',');
            var escaped = Convert.ToString(value, CultureInfo.InvariantCulture)?
                .Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("\"", "\\\"", StringComparison.Ordinal)
                .Replace("\n", "\\n", StringComparison.Ordinal);
            text.Append(CultureInfo.InvariantCulture, $"{Sanitise(name)}=\"{escaped}\"");
        }
        return text.ToString();
    }

    private static string NameOf(Instrument instrument)
    {
        var unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        var isCounter = Family.IsCounter(instrument);
        return Sanitise(instrument.Name) + unit + (isCounter ? "_total" : "");
    }

    private static string Sanitise(string name) =>
        string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '_'));

    /// <summary>All series of one name.</summary>
    /// <param name="IsSum">Whether measurements add up; observed values replace each other.</param>
    private sealed record Family(string Name, string Kind, string Help, bool IsSum)
    {
        internal static Family Of(Instrument instrument)
        {
            var type = instrument.GetType().Name;
            var isHistogram = type.StartsWith("Histogram", StringComparison.Ordinal);
            var kind = IsCounter(instrument) ? "counter" : isHistogram ? "histogram" : "gauge";
            var isSum = !instrument.IsObservable && !type.StartsWith("Gauge", StringComparison.Ordinal);
            var help = (instrument.Description ?? "").ReplaceLineEndings(" ")
                .Replace("\\", "\\\\", StringComparison.Ordinal);
            return new Family(NameOf(instrument), kind, help, isSum);
        }

        internal static bool IsCounter(Instrument instrument) =>
            instrument.GetType().Name is var type
            && (type.StartsWith("Counter", StringComparison.Ordinal)
                || type.StartsWith("ObservableCounter", StringComparison.Ordinal));

        internal void Deconstruct(out string kind, out string help) => (kind, help) = (Kind, Help);
    }

    /// <summary>One value, or the buckets of a histogram.</summary>
    private sealed class Series(double[] bounds)
    {
        private readonly Lock _lock = new();
        private readonly long[] _counts = new long[bounds.Length];
        private double _sum;
        private long _count;

        internal void Add(double value, bool isSum)
        {
            lock (_lock)
            {
                _sum = isSum ? _sum + value : value;
                _count++;
                for (var index = 0; index < bounds.Length; index++)
                {
                    if (value <= bounds[index]) _counts[index]++;
                }
            }
        }

        internal void Write(StringBuilder text, string name, string labels)
        {
            lock (_lock)
            {
                if (bounds.Length == 0)
                {
                    Line(text, name, labels, _sum);
                    return;
                }
                var separator = labels.Length == 0 ? "" : ",";
                for (var index = 0; index < bounds.Length; index++)
                {
                    var bound = bounds[index].ToString(CultureInfo.InvariantCulture);
                    Line(text, name + "_bucket", $"{labels}{separator}le=\"{bound}\"", _counts[index]);
                }
                Line(text, name + "_bucket", $"{labels}{separator}le=\"+Inf\"", _count);
                Line(text, name + "_sum", labels, _sum);
                Line(text, name + "_count", labels, _count);
            }
        }

        private static void Line(StringBuilder text, string name, string labels, double value) =>
            text.Append(name).Append(labels.Length == 0 ? "" : $"{{{labels}}}").Append(' ')
                .Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }
}
