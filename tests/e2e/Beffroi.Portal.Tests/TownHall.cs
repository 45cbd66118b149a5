using System.Diagnostics;

namespace Beffroi.Portal.Tests;

/// <summary>A computer of a member with files on it, which the real agent backs up to the site's server.</summary>
internal sealed class TownHall : IAsyncDisposable
{
    internal const string Letter = "Compte rendu du conseil municipal\nLe budget est voté à l'unanimité.\n";

    /// <summary>More files than one page of a folder shows.</summary>
    internal const int ArchivedYears = 60;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("beffroi-mairie-").FullName;
    private readonly Site _site;
    private Process? _daemon;

    private TownHall(Site site) => _site = site;

    internal string Files => Path.Combine(_folder, "mairie");
    internal string Restored => Path.Combine(_folder, "retour");

    /// <summary>Address of the page that asks from which day.</summary>
    internal string Page { get; private set; } = "";

    /// <summary>The device's id.</summary>
    internal string Device { get; private set; } = "";

    /// <summary>A text, a picture, a document, bytes that nothing shows, and names that only a person who means harm
    /// or an old program makes.</summary>
    internal static async Task<TownHall> OpenAsync(Site site, string siret = Site.ArvignySiret, string name = "Accueil")
    {
        var hall = new TownHall(site);
        Directory.CreateDirectory(Path.Combine(hall.Files, "Conseil", "2026"));
        Directory.CreateDirectory(Path.Combine(hall.Files, "État civil"));
        Directory.CreateDirectory(Path.Combine(hall.Files, "drôle"));
        await File.WriteAllTextAsync(Path.Combine(hall.Files, "Conseil", "2026", "délibération.txt"), Letter);
        await File.WriteAllTextAsync(Path.Combine(hall.Files, "Conseil", "piège.txt"), "<script>alert(1)</script>");
        await File.WriteAllBytesAsync(Path.Combine(hall.Files, "Conseil", "blason.png"), Samples.Picture);
        await File.WriteAllBytesAsync(Path.Combine(hall.Files, "Conseil", "plan.pdf"), Samples.Document);
        await File.WriteAllBytesAsync(Path.Combine(hall.Files, "État civil", "registre.bin"), Samples.Noise);
        await File.WriteAllTextAsync(Path.Combine(hall.Files, "drôle", "<script>alert(1)<script>.txt"), "sans effet");
        await File.WriteAllTextAsync(Path.Combine(hall.Files, "drôle", "deux\nlignes.txt"), "deux");
        using (var odd = Process.Start("bash", ["-c", "printf x > \"$0/$(printf 'caf\\351.txt')\"",
            Path.Combine(hall.Files, "drôle")])) // .NET writes no name that is not UTF-8.
            await odd.WaitForExitAsync();
        var archives = Directory.CreateDirectory(Path.Combine(hall.Files, "Archives")).FullName;
        for (var year = 1950; year < 1950 + ArchivedYears; year++)
            await File.WriteAllTextAsync(Path.Combine(archives, $"{year}.txt"), $"{year}");
        var token = await site.AdminAsync("enrolment-token", "--member", await site.MemberAsync(siret));
        await hall.RunAsync(
            "enroll", "--server", site.Address.ToString(), "--token", token.GetProperty("token").GetString()!,
            "--name", name);
        await hall.BackUpAsync();
        using var status = System.Text.Json.JsonDocument.Parse(await hall.RunAsync("status", "--json"));
        hall.Device = status.RootElement.GetProperty("device").GetString()!; // Enrolled just above.
        hall.Page = $"/restaurer/{hall.Device}";
        return hall;
    }

    /// <summary>Backs its files up, as its daemon does at night.</summary>
    internal Task BackUpAsync() => RunAsync("backup", Files);

    /// <summary>Switches the computer on: its daemon asks the server what there is to do.</summary>
    internal void SwitchOn() => _daemon = Launch("run");

    public async ValueTask DisposeAsync()
    {
        if (_daemon is not null)
        {
            using var signal = Process.Start("kill", ["-TERM", $"{_daemon.Id}"]);
            await _daemon.WaitForExitAsync().WaitAsync(Patience);
            _daemon.Dispose();
        }
        using var removal = Process.Start("rm", ["-r", "--", _folder]); // .NET removes no name that is not UTF-8.
        await removal.WaitForExitAsync();
    }

    private async Task<string> RunAsync(params string[] arguments)
    {
        using var process = Launch(arguments);
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"beffroi {arguments[0]} ended {process.ExitCode}: {await errors}");
    }

    private Process Launch(params string[] arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "beffroi.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["BEFFROI_HOME"] = Path.Combine(_folder, "agent") },
        };
        return Process.Start(start) ?? throw new InvalidOperationException("The agent did not start.");
    }
}
