using System.Globalization;
using System.Text.Json;
using Beffroi.Agent.Configuration;
using Beffroi.Protocol;
using Beffroi.Protocol.Client;
using Beffroi.Vault;
using Beffroi.Vault.Stores.Disk;

namespace Beffroi.Agent.Reports;

/// <summary>Reports that the server does not have yet, one file each: a run without connection, or whose server was
/// down, is told later. Several processes may use it; a report sent twice counts once.</summary>
internal sealed class ReportSpool(AgentHome home, TimeProvider time)
{
    // Two years of nights without any connection. Beyond, the oldest go: the newest say how the device is.
    private const int ReportsMax = 1_000;

    private const string Ending = ".json";

    /// <summary>How many wait.</summary>
    internal int Count => Files().Count;

    /// <summary>Keeps a report, durably.</summary>
    internal void Add(RunReport report)
    {
        home.CreateFolders();
        OwnerOnly.CreateFolder(home.ReportsFolder);
        var at = report.Started.UtcDateTime.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture);
        DurableFile.Replace(
            Path.Combine(home.ReportsFolder, $"{at}-{report.Id:N}{Ending}"),
            JsonSerializer.SerializeToUtf8Bytes(report, ProtocolJson.Default.RunReport));
        foreach (var file in Files().SkipLast(ReportsMax)) File.Delete(file);
    }

    /// <summary>Sends what waits, oldest first. Stops at the first that the server cannot take now.</summary>
    /// <param name="note">Told what the server will never take; that file keeps another name, for a person to look
    /// at.</param>
    /// <exception cref="VaultException">The server does not answer, or has no room for reports.</exception>
    internal async Task SendAllAsync(
        DeviceSession session, Action<string> note, CancellationToken cancellationToken)
    {
        foreach (var file in Files())
        {
            try
            {
                if (TryRead(file) is { } report)
                    await session.ReportRunAsync(report with { Clock = time.GetUtcNow() }, cancellationToken);
                File.Delete(file);
            }
            catch (VaultException failure) when (failure.Code == ErrorCode.RequestMalformed)
            {
                note($"The server refuses the report of a run ({file}): {failure.Message} It is set aside.");
                File.Move(file, Path.ChangeExtension(file, ".refused"), overwrite: true);
            }
        }
    }

    private List<string> Files()
    {
        try
        {
            return
            [
                .. Directory.EnumerateFiles(home.ReportsFolder, "*" + Ending).Order(StringComparer.Ordinal),
            ];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static RunReport? TryRead(string file)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), ProtocolJson.Default.RunReport);
        }
        catch (Exception failure) when (failure is JsonException or FileNotFoundException)
        {
            return null; // Another process has sent it, or it is no report: neither can be sent.
        }
    }
}
