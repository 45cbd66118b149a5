using System.Collections.Frozen;
using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;

namespace Beffroi.Portal.Assets;

/// <summary>A style sheet, script or font of the portal, packed once.</summary>
internal sealed record Asset(string Path, string ContentType, byte[] Bytes, byte[] Brotli);

/// <summary>What browsers fetch beside pages, from inside the program: nothing to deploy beside it, nothing from
/// anybody else's server. A name carries the hash of its content, so a browser keeps it for a year.</summary>
internal sealed class AssetLibrary
{
    private const string Prefix = "asset/";

    private static readonly FrozenDictionary<string, string> ContentTypes = new Dictionary<string, string>
    {
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
    }.ToFrozenDictionary();

    private readonly FrozenDictionary<string, Asset> _byName;
    private readonly FrozenDictionary<string, Asset> _byPath;

    internal AssetLibrary()
    {
        var assembly = Assembly.GetExecutingAssembly();
        _byName = assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .ToFrozenDictionary(name => name[Prefix.Length..], name => Load(assembly, name));
        _byPath = _byName.Values.ToFrozenDictionary(asset => asset.Path);
    }

    /// <summary>Address of an asset by its name, such as <c>portal.css</c>.</summary>
    internal string this[string name] => _byName[name].Path;

    internal Asset? Find(string path) => _byPath.GetValueOrDefault(path);

    private static Asset Load(Assembly assembly, string resource)
    {
        using var stream = assembly.GetManifestResourceStream(resource)!; // Named by the assembly itself.
        using var buffer = new MemoryStream();
        stream.CopyTo(buffer);
        var bytes = buffer.ToArray();
        var name = resource[Prefix.Length..];
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8));
        return new Asset($"/ressources/{hash}/{name}", ContentTypes[Path.GetExtension(name)], bytes, Pack(bytes));
    }

    private static byte[] Pack(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Optimal)) brotli.Write(bytes);
        return packed.ToArray();
    }
}
