using System.Text;
using System.Text.Json;

namespace Beffroi.Testing;

/// <summary>A member's log that every reader of it reads, and blobs that each refuses:
/// tests/conformance/vectors/log-v1.</summary>
public sealed class LogVector
{
    private LogVector(JsonElement file)
    {
        ServerPoint = file.GetProperty("serverKey").GetBytesFromBase64();
        Entries = [.. file.GetProperty("entries").EnumerateArray().Select(BytesOf)];
        Refused = [.. file.GetProperty("refused").EnumerateArray().Select(one => new RefusedLogEntry(
            one.GetProperty("why").GetString() ?? "", one.GetProperty("n").GetInt32(),
            BytesOf(one.GetProperty("blob"))))];
    }

    /// <summary>The key that signed it.</summary>
    public byte[] ServerPoint { get; }

    /// <summary>The blobs, from entry 1 on.</summary>
    public IReadOnlyList<byte[]> Entries { get; }

    /// <summary>Blobs that take the place of an entry and must not be read.</summary>
    public IReadOnlyList<RefusedLogEntry> Refused { get; }

    public static LogVector Read()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Beffroi.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("No Beffroi.slnx above.");
        var path = Path.Combine(folder, "tests", "conformance", "vectors", "log-v1", "log.json");
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return new LogVector(document.RootElement);
    }

    private static byte[] BytesOf(JsonElement text) => Encoding.UTF8.GetBytes(text.GetString() ?? "");
}

/// <summary>A blob that no reader takes as entry <paramref name="Number"/>.</summary>
public sealed record RefusedLogEntry(string Why, int Number, byte[] Blob);
