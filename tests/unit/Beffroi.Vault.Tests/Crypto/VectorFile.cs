using System.Text.Json;

namespace Beffroi.Vault.Tests.Crypto;

/// <summary>A file of golden bytes under tests/conformance/vectors, found from wherever the tests run.</summary>
internal static class VectorFile
{
    internal static JsonElement Read(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Beffroi.slnx")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("No Beffroi.slnx above the tests.");
        var path = Path.Combine(folder.FullName, "tests", "conformance", "vectors", name);
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.Clone();
    }

    internal static JsonElement[] List(this JsonElement parent, string name) =>
        [.. parent.GetProperty(name).EnumerateArray()];

    internal static string? Text(this JsonElement parent, string name) => parent.GetProperty(name).GetString();

    internal static byte[] Hex(this JsonElement parent, string name) => Convert.FromHexString(parent.Text(name)!);
}
