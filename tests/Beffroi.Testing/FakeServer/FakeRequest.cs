namespace Beffroi.Testing.FakeServer;

/// <summary>A request as it came, with its whole body.</summary>
public sealed record FakeRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Line => $"{Method} {Path}";

    public string? Bearer =>
        Headers.GetValueOrDefault("Authorization") is { } text && text.StartsWith("Bearer ", StringComparison.Ordinal)
            ? text["Bearer ".Length..]
            : null;
}
