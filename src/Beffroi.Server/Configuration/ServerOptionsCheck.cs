using System.Globalization;
using System.Net;
using Beffroi.Vault;

namespace Beffroi.Server.Configuration;

/// <summary>Finds what is wrong in a configuration, all of it at once, before anything is started.</summary>
internal static class ServerOptionsCheck
{
    internal static readonly string[] Levels = ["1", "2", "3"];

    /// <exception cref="VaultException"><see cref="ErrorCode.UsageInvalid"/>, with every problem that was
    /// found.</exception>
    internal static void Demand(ServerOptions options)
    {
        List<string> problems = [.. Problems(options)];
        if (problems.Count == 0) return;

        throw new VaultException(
            ErrorCode.UsageInvalid,
            retryable: false,
            "The server's configuration cannot be used. " + string.Join(" ", problems)
                + " The keys are explained in docs/operations/server.md.");
    }

    private static IEnumerable<string> Problems(ServerOptions options)
    {
        foreach (var problem in ListenAddress.Problems(options)) yield return problem;
        foreach (var problem in ObjectStoreProblems(options.ObjectStore)) yield return problem;
        foreach (var problem in options.Intake.Problems()) yield return problem;
        foreach (var problem in options.Portal.Problems()) yield return problem;
        foreach (var problem in options.Smtp.Problems()) yield return problem;
        foreach (var proxy in options.KnownProxies.Where(text => !IPAddress.TryParse(text, out _)))
            yield return $"KnownProxies: '{proxy}' is not an IP address.";
        if (options.EnrolmentTokenDays is < 1 or > 365)
            yield return $"EnrolmentTokenDays: {options.EnrolmentTokenDays.ToString(CultureInfo.InvariantCulture)} is "
                + "not from 1 to 365.";
        foreach (var level in Levels.Where(level => options.QuotaGigabytesByLevel.GetValueOrDefault(level) <= 0))
            yield return $"QuotaGigabytesByLevel: level {level} has no quota.";
        if (options.Certificate is { Path: null, KeyPath: not null })
            yield return "Certificate: KeyPath is set but Path is not.";
        if (options.BlobReserveMegabytes < 0)
            yield return "BlobReserveMegabytes: it is negative.";
        if (options.MetricsToken is { Length: < 16 })
            yield return "MetricsToken: it has fewer than 16 characters, which can be guessed.";
    }

    private static IEnumerable<string> ObjectStoreProblems(ObjectStoreOptions store)
    {
        if (store.Endpoint is null)
        {
            if (store.Bucket is not null) yield return "ObjectStore: Bucket is set but Endpoint is not.";
            yield break;
        }
        if (!Uri.TryCreate(store.Endpoint, UriKind.Absolute, out var uri)
            || !uri.Scheme.StartsWith("http", StringComparison.Ordinal))
            yield return $"ObjectStore: Endpoint '{store.Endpoint}' is not an http:// or https:// address.";
        if (string.IsNullOrEmpty(store.Bucket) || string.IsNullOrEmpty(store.AccessKey)
            || string.IsNullOrEmpty(store.SecretKey))
            yield return "ObjectStore: Bucket, AccessKey and SecretKey are needed.";
        if (store.Prefix.Length > 0 && !store.Prefix.EndsWith('/'))
            yield return "ObjectStore: Prefix does not end with a slash.";
    }
}
