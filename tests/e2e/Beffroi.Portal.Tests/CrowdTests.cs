using System.Globalization;
using System.Text;
using Beffroi.Portal.Tests.Isolation;

namespace Beffroi.Portal.Tests;

/// <summary>Pages of the whole syndicate at its full size. How big they are is a promise; how fast they come depends on
/// the machine, and is printed by <c>bench/portal</c>.</summary>
[Collection<CrowdedTests>]
[Trait("Category", "Slow")]
public sealed class CrowdTests(CrowdedSite site)
{
    private const int BytesMax = 100_000;
    private const int Rounds = 7;

    /// <summary>A file for the timings; set by <c>bench/portal</c>.</summary>
    private static readonly string? Timings = Environment.GetEnvironmentVariable("BEFFROI_BENCH_PAGES");

    private static readonly string[] Pages =
    [
        "/", "/veille", "/veille?etat=tous", "/veille?etat=tous&page=20", "/veille?q=num%C3%A9ro+17",
        "/sauvegardes", "/sauvegardes?page=12", "/sauvegardes?q=poste-1999", "/utilisateurs", "/utilisateurs?page=4",
        "/utilisateurs/inviter", "/journal", "/compte", "/restaurer", "/collectivites", "/postes/ajouter",
    ];

    [Fact]
    public async Task Every_page_of_2_000_devices_is_at_most_100_kB()
    {
        using var director = await Visitor.SignInAsync(site, Site.OperatorEmail);
        var lines = new StringBuilder();
        List<string> faults = [];
        foreach (var path in Pages)
        {
            var (page, times) = await TimeAsync(director, path);
            var bytes = Encoding.UTF8.GetByteCount(page.Body);
            if (page.Status != System.Net.HttpStatusCode.OK) faults.Add($"{path}: {page.Status}");
            if (bytes > BytesMax) faults.Add($"{path}: {bytes} bytes");
            lines.AppendLine(CultureInfo.InvariantCulture,
                $"{path,-32} {bytes / 1000.0,7:F1} kB   first {times[0],6:F0} ms   median {Median(times),6:F0} ms");
        }
        if (Timings is not null) await File.WriteAllTextAsync(Timings, lines.ToString());

        Assert.True(faults.Count == 0, $"{string.Join('\n', faults)}\n{site.Failures}");
    }

    private static async Task<(Reply Page, List<double> Milliseconds)> TimeAsync(Visitor visitor, string path)
    {
        List<double> times = [];
        Reply? page = null;
        for (var round = 0; round < Rounds; round++)
        {
            var begun = TimeProvider.System.GetTimestamp();
            page = await visitor.GetAsync(path);
            times.Add(TimeProvider.System.GetElapsedTime(begun).TotalMilliseconds);
        }
        return (page!, times); // At least one round.
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);
}
